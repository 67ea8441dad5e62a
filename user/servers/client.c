/* Accounts. */
#include "user/servers/client.h"

#include "lib/errno.h"
#include "user/runtime/memory.h"

struct client client_first = {.uses = 1};

/* What there is for all of a kind, and how much of it is claimed: bytes. */
static struct budget { size_t limit, claimed; } budgets[CLAIM_KINDS];

void clients_limit(size_t kept, size_t open) {
    budgets[CLAIM_KEPT].limit = kept;
    budgets[CLAIM_OPEN].limit = open;
}

int client_claim(struct client *client, enum claim_kind kind, size_t nbytes) {
    struct budget *budget = &budgets[kind];
    size_t left = budget->limit - budget->claimed;
    if (nbytes > left)
        return -ENOSPC;
    if (client != &client_first && client->claimed[kind] + nbytes > 3 * (left - nbytes))
        return -ENOSPC;
    client->claimed[kind] += nbytes;
    budget->claimed += nbytes;
    return 0;
}

void client_release(struct client *client, enum claim_kind kind, size_t nbytes) {
    client->claimed[kind] -= nbytes;
    budgets[kind].claimed -= nbytes;
}

struct client *client_create(void) {
    struct client *client = NULL;
    if (client_claim(&client_first, CLAIM_OPEN, sizeof *client) == 0)
        client = block_alloc(sizeof *client);
    if (client)
        *client = (struct client){.uses = 1};
    return client;
}

void client_get(struct client *client) { client->uses++; }

void client_put(struct client *client) {
    if (--client->uses > 0 || client == &client_first)
        return;
    block_free(client);
    client_release(&client_first, CLAIM_OPEN, sizeof *client);
}
