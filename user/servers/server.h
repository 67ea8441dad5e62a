/* The loop that all servers share: receive a message, hand it to the server, reply.
 *
 * A server is one thread and three functions. Its call function either answers at once or keeps
 * the token and answers later (server_answer), in any order; nothing else in a server waits.
 * Badges are chosen by the server and come back unforged, so a badge may be a pointer. Words,
 * lengths and data come from clients and may be anything: each server checks them. */
#pragma once

#include "byre/protocol.h"
#include "lib/errno.h"
#include "lib/types.h"

#define SERVER_LATER INT64_MIN /* the call function keeps the token and answers later */
#define SERVER_DATA_MAX 2048   /* an out buffer up to so large comes with the request */

struct request {
    uint64_t badge;
    uint64_t token;
    long word[4];     /* word[0] is the operation */
    size_t out_bytes; /* what the client offers to be read */
    size_t in_bytes;  /* what the client lets us fill */
    const char *data; /* the out buffer when it is small, for this call only; else NULL */
    int handle;       /* that came with the call; -1: none. To keep it, take it (request_handle) */

    /* The answer beyond its result: nothing, when the call function is entered. */
    long reply[4];    /* words 1..3; word 0 is the result */
    int reply_handle; /* given away in word 3; -1: none */
    const void *reply_data;
    size_t reply_bytes;
};

struct server {
    int port;
    /* returns: the result for word 0, which may be a negative errno, or SERVER_LATER */
    long (*call)(struct request *request);
    void (*closed)(uint64_t badge);    /* the last handle of this session is gone */
    void (*interrupt)(uint64_t badge); /* NULL: the server bound none */
};

/* Serve until the port is gone; then the process ends. */
_Noreturn void server_run(const struct server *server);

/* Answer an open call with a result alone. A token whose client is gone is ignored. */
void server_answer(uint64_t token, long result);

/* Copy from the out buffer, wherever it is.
 * needs:   the buffer is at least so large
 * returns: nbytes, or as server_read */
long request_take(const struct request *request, size_t offset, void *to, size_t nbytes);

/* Take the handle that came with the call: now it is the server's to close. One that is not taken
 * is closed behind the call function.
 * returns: the handle; -1: none came, whatever word 3 says */
int request_handle(struct request *request);

/* Answer OP_STAT. `stat` stays until the call function is entered again. returns: 0, -EINVAL */
long request_stat(struct request *request, const struct protocol_stat *stat);

/* Copy from the client's out buffer, or into its in buffer, while its call is open.
 * needs:   the buffer is so large
 * returns: nbytes; -ESRCH: the client is gone, and no byte was moved; -EFAULT, -EACCES, -ENOMEM:
 * some may have been moved */
long server_read(uint64_t token, size_t offset, void *to, size_t nbytes);
long server_write(uint64_t token, size_t offset, const void *from, size_t nbytes);

/* The same, and whole pages that lie alike on both sides are shared copy-on-write: cheaper when
 * neither side is likely to write them soon. */
long server_read_shared(uint64_t token, size_t offset, void *to, size_t nbytes);
long server_write_shared(uint64_t token, size_t offset, const void *from, size_t nbytes);

/* Make a session on the server's port. returns: a handle of it, or a negative errno */
int server_session(int port, uint64_t badge);
