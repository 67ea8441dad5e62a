/* Calls that wait to be answered, oldest first.
 *
 * A client that is killed leaves its waiting call behind, and nobody tells the server: its token
 * just means no call any more, and never again another. So whoever serves a queue finds out by
 * -ESRCH, with no byte moved; and a queue that grows looks for such calls itself. There are never
 * more than twice as many as live ones, and some. */
#pragma once

#include "user/servers/client.h"
#include "user/servers/server.h"

struct waiter {
    struct waiter *next;
    struct client *client;
    uint64_t token;
    const struct request *request; /* NULL: it had to wait, and is known by its token alone */
    size_t want;                   /* bytes */
    size_t done;                   /* of a write: bytes that are taken already */
};

struct waiters {
    struct waiter *first;
    size_t n;
    size_t most; /* a queue that grows beyond looks for calls that are gone */
};

/* Let the call wait behind all others. Its client is charged.
 * returns: 0, -ENOMEM */
must_check int waiter_add(struct waiters *waiters, const struct waiter *waiter);

/* Answer the first one, and forget it. */
void waiter_answer(struct waiters *waiters, long result);

/* Forget the calls whose clients are gone. */
void waiters_sweep(struct waiters *waiters);

/* Forget all of them, who are gone. */
void waiters_drop(struct waiters *waiters);
