/* Messages: ports, sessions, calls. docs/messages.md is their chapter and states the registers.
 *
 * The functions that are system calls take their arguments as the registers have them, act for the
 * current thread, and may fill in its registers themselves (PENDING_REGISTERS). */
#pragma once

#include "lib/list.h"
#include "lib/lock.h"
#include "proc/object.h"
#include "proc/thread.h"

struct process;

/* What a port is told that is no call. It lies inside the object that it tells about, so posting
 * one needs no memory. */
struct notification {
    struct list link; /* in port.notifications; on itself: not posted */
    uint32_t kind;    /* MESSAGE_CLOSED or MESSAGE_INTERRUPT */
    uint64_t badge;
};

struct port {
    struct object object; /* open while a handle leads to it */
    struct lock lock;     /* guards all below, and the calls that are on its lists */
    size_t nholds;        /* who needs the memory: being open, sessions, waiting threads */
    bool closed;
    struct list callers;   /* threads whose calls nobody received yet, oldest first */
    struct list open;      /* threads whose calls were received and not replied to */
    struct list receivers; /* threads that wait for a message */
    struct list notifications;
};

/* A client's way to a port. A call in progress has a reference, so the notification that the
 * session is closed comes after its last call. */
struct session {
    struct object object;
    struct port *port; /* a hold */
    uint64_t badge;
    struct notification closed;
};

extern const struct object_type port_type;
extern const struct object_type session_type;

/* A new port with one reference. => NULL: no memory */
struct port *port_create(void);

/* A new session of the port. => NULL: no memory */
struct session *session_create(struct port *port, uint64_t badge);

/* Free a session that nobody was given or that nobody can hear of any more: no notification is
 * posted. */
void session_free(struct session *session);

/* Keep the memory of a port. port_unhold may free it. */
void port_hold(struct port *port);
void port_unhold(struct port *port);

/* Post a notification that is not posted already; nothing when the port is closed. */
void port_post(struct port *port, struct notification *notification);

/* Take a notification back. => it is posted at this port, or not at all */
void port_withdraw(struct port *port, struct notification *notification);

long port_call(uint64_t session_and_flags, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
               vaddr_t out, vaddr_t in, uint64_t sizes);
long port_receive(long number, vaddr_t buffer, uint64_t nbytes);
long port_reply(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, vaddr_t data,
                uint64_t size_and_flags, long number);
long port_reply_receive(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                        vaddr_t data, uint64_t size_and_flags, long number);
long port_message_read(uint64_t token, uint64_t offset, vaddr_t to, uint64_t nbytes, long number,
                       uint64_t flags);
long port_message_write(uint64_t token, uint64_t offset, vaddr_t from, uint64_t nbytes, long number,
                        uint64_t flags);

/* The process ends, and the port may live on: clients that wait for a reply from this one get
 * -ECONNRESET. => the object is a port */
void port_forget_server(struct object *object, const struct process *server);

/* The thread's wait at a port was ended by force: undo what it was in the middle of. */
void port_leave_wait(struct thread *thread);
