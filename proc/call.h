/* Calls: a client's call finds a server's receive, and the reply finds the client.
 *
 * The system calls among these act for the current thread, and may fill in its registers
 * themselves (PENDING_REGISTERS). What they are asked for, trap/messages.c has taken out of the
 * registers. A call's content lies in the current thread's `call` already. */
#pragma once

#include "proc/message.h"
#include "proc/port.h"

/* What a server replies. */
struct reply {
    uint64_t token;
    uint64_t words[4];
    struct buffer data; /* for the client's in buffer */
    uint32_t flags;     /* MESSAGE_HANDLE, MESSAGE_SHARE */
};

/* CALL: on the session with this number; flags, words and buffers are in the thread's `call`.
 * returns: 0: the thread waits, and its registers are the reply's; or it does not wait:
 *          -EINVAL, -EBADF, -ECONNRESET, -ENOMEM, or what the delivery said */
long call_make(long session_number);

/* RECEIVE: the data of calls that fit goes into `buffer`.
 * returns: 0: the thread has a message, or waits for one; -EBADF */
long call_receive(long port_number, struct buffer buffer);

/* REPLY, and REPLY_RECEIVE: the buffer is that of the last RECEIVE.
 * on failure: -EBADF, -EINVAL, -ESRCH, -EMSGSIZE, or as copy_between and handle_move say: the call
 *          is still open, and nothing was received */
long call_reply(long port_number, const struct reply *reply);
long call_reply_receive(long port_number, const struct reply *reply);

/* MESSAGE_READ and MESSAGE_WRITE: copy between the buffers of an open call and `own`, from `offset`
 * in them on, at most MESSAGE_COPY_MAX bytes.
 * returns: bytes copied; -EBADF, -EINVAL, -ESRCH, or as copy_between */
long call_read(long port_number, uint64_t token, uint64_t offset, struct buffer own,
               uint64_t flags);
long call_write(long port_number, uint64_t token, uint64_t offset, struct buffer own,
                uint64_t flags);

/* Pair what has arrived at the port with who waits for it. One more thing has arrived, at the most,
 * since there was nothing to pair.
 * needs: port locked */
void call_match(struct port *port);

/* The port is closed: all clients that wait here get -ECONNRESET, and servers -EBADF.
 * needs: port locked */
void call_reset_all(struct port *port);

/* The process ends, and its ports may live on: clients whose calls it has received and not replied
 * to get -ECONNRESET, also on ports that it has no handle of any more. */
void call_reset_received(struct process *server);

/* The thread's wait at a port was ended by force: undo what it was in the middle of.
 * needs: the thread is current; no lock held */
void call_leave_wait(struct thread *thread);
