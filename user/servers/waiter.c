/* Queues of waiting calls. */
#include "user/servers/waiter.h"

#include "user/runtime/memory.h"

#define MOST_FIRST 8

static void waiter_free(struct waiters *waiters, struct waiter **link) {
    struct waiter *waiter = *link;
    *link = waiter->next;
    waiters->n--;
    client_release(waiter->client, CLAIM_OPEN, sizeof *waiter);
    client_put(waiter->client);
    block_free(waiter);
}

/* To move no byte only tells whether the call is open. */
void waiters_sweep(struct waiters *waiters) {
    struct waiter **link = &waiters->first;
    while (*link)
        if (server_write((*link)->token, 0, "", 0) < 0)
            waiter_free(waiters, link);
        else
            link = &(*link)->next;
    waiters->most = 2 * waiters->n + MOST_FIRST;
}

int waiter_add(struct waiters *waiters, const struct waiter *waiter) {
    if (waiters->n >= waiters->most)
        waiters_sweep(waiters);
    if (client_claim(waiter->client, CLAIM_OPEN, sizeof *waiter))
        return -ENOMEM;
    struct waiter *added = block_alloc(sizeof *added), **link = &waiters->first;
    if (!added) {
        client_release(waiter->client, CLAIM_OPEN, sizeof *waiter);
        return -ENOMEM;
    }
    *added = *waiter;
    added->next = NULL;
    added->request = NULL;
    while (*link)
        link = &(*link)->next;
    *link = added;
    waiters->n++;
    client_get(added->client);
    return 0;
}

void waiter_answer(struct waiters *waiters, long result) {
    server_answer(waiters->first->token, result);
    waiter_free(waiters, &waiters->first);
}

void waiters_drop(struct waiters *waiters) {
    while (waiters->first)
        waiter_free(waiters, &waiters->first);
}
