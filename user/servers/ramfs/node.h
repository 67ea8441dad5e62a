/* Nodes: what names and open files lead to. A node is a directory, a file, or the null device.
 *
 * A node lives while it has a name or an open file. A file's bytes lie in whole, page-aligned
 * pages, so that they go straight to clients and come from there, and are shared copy-on-write. All
 * that a node takes is counted as kept by the client that made it. */
#pragma once

#include "byre/protocol.h"
#include "user/servers/client.h"

#define FILE_BYTES_MAX ((uint64_t)1 << 40)

struct node {
    uint64_t number;
    unsigned mode;         /* enum protocol_mode, and permission bits */
    unsigned links;        /* names */
    unsigned opens;        /* open files */
    struct client *client; /* who made it */

    /* Of a file. */
    uint64_t nbytes;
    char **pages;  /* its bytes; beyond nbytes they are zero */
    size_t npages; /* pages present */
    size_t room;   /* of the array */
    bool lent;     /* pages may be absent or a client's too: a store may need a new one */

    /* Of a directory. */
    struct entry *name;         /* its own; NULL: the root, or removed */
    struct entry *first, *last; /* the names in it, oldest first */
    uint64_t nremoved;          /* names that were taken out of it */
};

static inline bool node_is_file(const struct node *node) {
    return (node->mode & MODE_KIND) == MODE_FILE;
}

static inline bool node_is_directory(const struct node *node) {
    return (node->mode & MODE_KIND) == MODE_DIRECTORY;
}

/* returns: a node without names and open files; NULL: out of memory, or the client's limit */
struct node *node_create(struct client *client, unsigned mode);

/* Free the node if nothing leads to it any more. */
void node_put(struct node *node);

/* Give the file another size: it is cut off, or grows by zeros.
 * returns:    0, -EFBIG, -ENOSPC
 * on failure: nothing changed */
must_check int node_resize(struct node *node, uint64_t nbytes);

/* Take back what node_resize has just added, which was `nbytes` before. It cannot fail. */
void node_resize_undo(struct node *node, uint64_t nbytes);

/* Where the byte at `offset` lies. needs: a file that has this page */
char *node_bytes(const struct node *node, uint64_t offset);

/* How many of nbytes from `offset` on lie side by side in this process. needs: all are in pages */
size_t node_run(const struct node *node, uint64_t offset, size_t nbytes);

/* Make the pages of these bytes present and ours alone, so that a store to them needs no memory.
 * returns: 0 or -ENOSPC */
must_check int node_own(const struct node *node, uint64_t offset, size_t nbytes);
