/* What clients make a server keep: counted in bytes, against a limit a client and one for all.
 *
 * A client is a family of sessions: one that OP_CLIENT made, and all that were opened by way of it.
 * The shell makes one for each command that it starts, so a client is a command with all that it
 * starts in turn. init and the shell themselves are client_first.
 *
 * Two kinds are counted apart. What is *kept* stays when its client is gone: files and their names.
 * What is *open* goes with the client's sessions: open files, pipes, calls that wait. Of either
 * kind a client has three quarters at most of what it and nobody else has. So whatever one has
 * taken, something is left for the next, and a part of all (SERVER_RESERVE) is never for what is
 * kept. So the shell can start a command that ends programs, or removes files. client_first has no
 * limit of its own. */
#pragma once

#include "lib/types.h"

enum claim_kind { CLAIM_KEPT, CLAIM_OPEN, CLAIM_KINDS };

struct client {
    size_t claimed[CLAIM_KINDS]; /* bytes */
    size_t uses;                 /* sessions, and what it made the server keep */
};

extern struct client client_first;

/* Set the limits for all, in bytes. */
void clients_limit(size_t kept, size_t open);

/* Beside its memory here, a session takes this much in the kernel, about: it and its handle. */
#define SESSION_BYTES 256

/* returns: a client with one use; NULL: out of memory, or the limit is reached */
struct client *client_create(void);

void client_get(struct client *client);
void client_put(struct client *client);

/* Count so many bytes more.
 * returns: 0; -ENOSPC: it would be more than the limit, and nothing changed */
must_check int client_claim(struct client *client, enum claim_kind kind, size_t nbytes);

/* Count so many of them no longer. */
void client_release(struct client *client, enum claim_kind kind, size_t nbytes);
