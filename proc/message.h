/* Messages: what a call and a reply carry, and which registers show it: docs/messages.md. */
#pragma once

#include "lib/abi.h"
#include "proc/process.h"

/* Copy the data of a call into the server's buffer, if it fits, and move its handle.
 * needs:   the port locked, at which the client waits; the server waits, or is current
 * returns: 0
 * on failure: as copy_between and handle_move; *client_bad tells whose fault it is */
must_check int message_deliver_rest(struct thread *server, struct thread *client, bool *client_bad);

/* Copy a reply's data, of the current process, into the client's in buffer.
 * needs:   the port locked, at which the client waits
 * returns: 0, and *result is the client's: 0, or what was wrong with its own buffer
 * on failure: -EMSGSIZE, or as copy_between: the server's own mistake */
must_check int message_reply_data(struct thread *client, struct buffer data, uint32_t flags,
                                  long *result);

/* Copy from the client's out buffer to the current process, or from there into its in buffer.
 * needs:   the port locked, at which the client waits; flags: MESSAGE_SHARE or 0
 * returns: bytes copied: what lies in the client's buffer, at most MESSAGE_COPY_MAX
 * on failure: as copy_between */
long message_read(struct thread *client, uint64_t offset, struct buffer own, uint64_t flags);
long message_write(struct thread *client, uint64_t offset, struct buffer own, uint64_t flags);

/* ---- Registers of a thread whose wait ends, or which is current ---- */

static inline void message_show_result(struct thread *thread, long result) {
    thread->context.x[A0] = (uint64_t)result;
}

static inline void message_show_notification(struct thread *server, uint32_t kind, uint64_t badge) {
    server->context.x[A0] = kind;
    server->context.x[A5] = badge;
}

static inline void message_show_call(struct thread *server, const struct call *call,
                                     uint64_t badge) {
    uint64_t *x = server->context.x;
    x[A0] = MESSAGE_CALL | (uint64_t)call->flags << 32;
    x[A1] = call->words[0];
    x[A2] = call->words[1];
    x[A3] = call->words[2];
    x[A4] = call->words[3];
    x[A5] = badge;
    x[A6] = call->token;
    x[A7] = call->out.nbytes | (uint64_t)call->in.nbytes << 32;
}

static inline void message_show_reply(struct thread *client, long result, const uint64_t words[3],
                                      uint64_t word3) {
    uint64_t *x = client->context.x;
    x[A0] = (uint64_t)result;
    x[A1] = words[0];
    x[A2] = words[1];
    x[A3] = words[2];
    x[A4] = word3;
}
