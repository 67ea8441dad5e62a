/* Accounts. */
#include "user/servers/client.h"

#include "lib/errno.h"
#include "user/runtime/memory.h"

struct client client_first = {.uses = 1};

static size_t limit, total;

void clients_limit(size_t nbytes) { limit = nbytes; }

static size_t room(enum claim_kind kind) {
    size_t most = kind == CLAIM_KEPT ? limit - limit / SERVER_RESERVE : limit;
    return most > total ? most - total : 0;
}

int client_claim(struct client *client, enum claim_kind kind, size_t nbytes) {
    size_t left = room(kind);
    if (nbytes > left)
        return -ENOSPC;
    if (client != &client_first && client->claimed[kind] + nbytes > 3 * (left - nbytes))
        return -ENOSPC;
    client->claimed[kind] += nbytes;
    total += nbytes;
    return 0;
}

void client_release(struct client *client, enum claim_kind kind, size_t nbytes) {
    client->claimed[kind] -= nbytes;
    total -= nbytes;
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
