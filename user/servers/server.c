/* The server loop: one REPLY_RECEIVE a request, so that a request costs two traps.
 *
 * A server outlives that there is no memory: its own is all there before the first request, and
 * what it takes later it takes by calls that can say no. */
#include "user/servers/server.h"

#include "byre/memory.h"
#include "byre/syscall.h"
#include "lib/string.h"

static char data[SERVER_DATA_MAX];
static int server_port; /* of the one server that this process is */

/* Take the message apart. The kernel has copied no more than the buffer holds. */
static void request_begin(struct request *request, const struct message *message) {
    *request = (struct request){
        .badge = message->badge,
        .token = message->token,
        .word = {message->word[0], message->word[1], message->word[2], message->word[3]},
        .out_bytes = message->out_bytes,
        .in_bytes = message->in_bytes,
        .data = message->out_bytes <= sizeof data ? data : NULL,
        .handle = message->flags & MESSAGE_HANDLE ? (int)message->word[3] : -1,
        .reply_handle = -1,
    };
}

int request_handle(struct request *request) {
    int handle = request->handle;
    request->handle = -1;
    return handle;
}

static long message_dispatch(const struct server *server, long kind, struct request *request) {
    switch (kind) {
    case MESSAGE_CALL:
        return server->call(request);
    case MESSAGE_CLOSED:
        server->closed(request->badge);
        return SERVER_LATER;
    case MESSAGE_INTERRUPT:
        if (server->interrupt)
            server->interrupt(request->badge);
        return SERVER_LATER;
    default:
        sys_exit(1);
    }
}

/* The buffer is filled, so that it is never too little memory for a message. Were it so, the
 * message would still be there at the next try. */
static long message_receive(struct message *message) {
    long kind;
    while ((kind = sys_receive(server_port, data, sizeof data, message)) == -ENOMEM)
        (void)sys_yield();
    return kind;
}

void server_run(const struct server *server) {
    struct message message;
    struct request request;
    server_port = server->port;
    if (memory_fill() < 0)
        sys_exit(1);
    long kind = message_receive(&message);
    for (;;) {
        request_begin(&request, &message);
        long result = message_dispatch(server, kind, &request);
        if (request.handle >= 0) /* a client may send one with any call */
            (void)sys_handle_close(request.handle);
        if (result == SERVER_LATER) {
            kind = message_receive(&message);
            continue;
        }
        request.reply[0] = result;
        if (result < 0)
            request.reply_bytes = 0;
        if (request.reply_handle >= 0)
            request.reply[3] = request.reply_handle;
        kind = sys_reply_receive(
            request.token, request.reply, request.reply_data, request.reply_bytes,
            request.reply_handle >= 0 ? MESSAGE_HANDLE : 0, server->port, &message);
        /* The reply failed and nothing was received. A client that has no room for its handle is
         * told so; one that was killed is past telling. */
        if (kind < 0) {
            if (request.reply_handle >= 0)
                (void)sys_handle_close(request.reply_handle);
            server_answer(request.token, kind);
            kind = message_receive(&message);
        }
    }
}

void server_answer(uint64_t token, long result) {
    const long words[4] = {result};
    (void)sys_reply(token, words, NULL, 0, 0, server_port);
}

long request_take(const struct request *request, size_t offset, void *to, size_t nbytes) {
    if (!request->data)
        return server_read(request->token, offset, to, nbytes);
    memcpy(to, request->data + offset, nbytes);
    return (long)nbytes;
}

long request_stat(struct request *request, const struct protocol_stat *stat) {
    if (request->in_bytes < sizeof *stat)
        return -EINVAL;
    request->reply_data = stat;
    request->reply_bytes = sizeof *stat;
    return 0;
}

/* The kernel moves so much at a time as it has time for. */
static long move_all(long (*move)(uint64_t, size_t, void *, size_t, int, unsigned), uint64_t token,
                     size_t offset, void *own, size_t nbytes, unsigned flags) {
    size_t done = 0;
    do {
        long part =
            move(token, offset + done, (char *)own + done, nbytes - done, server_port, flags);
        if (part < 0 || (part == 0 && done < nbytes))
            return part < 0 ? part : -EFAULT;
        done += (size_t)part;
    } while (done < nbytes);
    return (long)nbytes;
}

static long move_out(uint64_t token, size_t offset, void *own, size_t nbytes, int port,
                     unsigned flags) {
    return sys_message_write(token, offset, own, nbytes, port, flags);
}

long server_read(uint64_t token, size_t offset, void *to, size_t nbytes) {
    return move_all(sys_message_read, token, offset, to, nbytes, 0);
}

long server_write(uint64_t token, size_t offset, const void *from, size_t nbytes) {
    return move_all(move_out, token, offset, (void *)from, nbytes, 0);
}

long server_read_shared(uint64_t token, size_t offset, void *to, size_t nbytes) {
    return move_all(sys_message_read, token, offset, to, nbytes, MESSAGE_SHARE);
}

long server_write_shared(uint64_t token, size_t offset, const void *from, size_t nbytes) {
    return move_all(move_out, token, offset, (void *)from, nbytes, MESSAGE_SHARE);
}

int server_session(int port, uint64_t badge) { return (int)sys_session_create(port, badge); }
