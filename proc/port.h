/* Ports and sessions: where messages arrive, and the way to there. docs/messages.md is the chapter.
 *
 * Calls, which find their way through a port, are proc/call.h's. */
#pragma once

#include "lib/list.h"
#include "lib/lock.h"
#include "proc/object.h"
#include "proc/process.h"

/* What a port is told that is no call. It lies inside the object that it tells about, so posting
 * it needs no memory. */
struct notification {
    struct list link; /* in port.notifications, or a session's in port.dead; on itself: in none */
    uint32_t kind;    /* MESSAGE_CLOSED or MESSAGE_INTERRUPT */
    uint64_t badge;
};

struct port {
    struct object object; /* open while a handle leads to it */
    struct list link;     /* in the list of all ports; guarded by that list's lock */

    struct lock lock; /* guards all below, and the calls that are on its lists */
    size_t nholds;    /* who needs the memory: being open, sessions, waiting threads */
    bool closed;
    struct list callers;   /* threads whose calls nobody received yet, oldest first */
    struct list open;      /* threads whose calls were received and not replied to */
    struct list receivers; /* threads that wait for a message */
    struct list notifications;
    struct list dead; /* sessions of which no server will hear any more: port_unlock frees them */
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

/* Make a port, or a session of one, with one reference, the caller's.
 * on failure: NULL: out of memory */
struct port *port_create(void);
struct session *session_create(struct port *port, uint64_t badge);

/* Free a session without a notification.
 * needs: nobody was given it, or nobody can hear of it any more; its port is not locked */
void session_free(struct session *session);

/* Keep the memory of a port, and no longer keep it: the last one frees it. */
void port_hold(struct port *port);
void port_unhold(struct port *port);

/* Unlock the port, and free the sessions that died under the lock.
 * needs: port locked; the caller keeps its memory */
static inline void port_unlock(struct port *port);

/* The last reference to the session is gone: its server is told, if there is one.
 * needs: port locked; the caller looks for a receiver (call_match) before it unlocks */
void session_close_locked(struct port *port, struct session *session);

/* Post a notification that is not posted already. Nothing happens when the port is closed. */
void port_post(struct port *port, struct notification *notification);

/* Take a notification back. needs: it is posted at this port, or not at all */
void port_withdraw(struct port *port, struct notification *notification);

/* The port with this number, with a reference for the caller; NULL: the current process has none.
 */
static inline struct port *port_get(long number);

/* A port that satisfies the condition, with a hold for the caller; NULL: there is none.
 * `condition` is called with each port locked, in no order. */
struct port *port_find(bool (*condition)(const struct port *port, const void *context),
                       const void *context);

/* ---- In line: each message does these ---- */

static inline struct port *port_get(long number) {
    struct object *object = handle_get(&process_current()->handles, number, &port_type);
    return object ? container_of(object, struct port, object) : NULL;
}

void port_unlock_and_free(struct port *port);

static inline void port_unlock(struct port *port) {
    debug_assert(lock_is_held(&port->lock));
    if (list_empty(&port->dead))
        lock_release(&port->lock);
    else
        port_unlock_and_free(port);
}
