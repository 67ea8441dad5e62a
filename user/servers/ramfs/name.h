/* Names in directories, and the way along a path.
 *
 * A name is found by a table of all names of all directories, and told in the order in which the
 * names of its directory were made. So no cost here grows with the number of names. */
#pragma once

#include "user/servers/ramfs/node.h"

struct entry {
    struct entry *next, *before; /* in the directory */
    struct entry *chain;         /* in the table */
    struct node *directory;      /* it stands there, */
    struct node *node;           /* and leads here */
    struct client *client;       /* who made it */
    uint64_t place;              /* rises along the directory */
    uint32_t hash;
    uint32_t length; /* of the name, which no 0 ends */
    char name[];
};

/* What a path leads to. */
struct lookup {
    struct node *directory; /* where the last name is, or would be */
    const char *name;       /* the last name */
    size_t length;          /* of it; 0: the path names `node` itself */
    bool slash;             /* one stands behind it: only a directory can be there */
    struct node *node;      /* NULL: there is no such name */
};

/* Make the table. returns: 0 or -ENOMEM */
must_check int names_init(void);

/* Walk a path from `start`, or from `root` when it begins with /. Only the last name may be absent.
 * returns: 0, -ENOENT, -ENOTDIR, -ENAMETOOLONG */
must_check int path_lookup(struct node *root, struct node *start, const char *path,
                           struct lookup *found);

/* Give the node a name where the lookup ended.
 * needs:   there is no such name
 * returns: 0; -ENOENT: the directory was removed; -ENOSPC */
must_check int entry_add(struct client *client, const struct lookup *at, struct node *node);

/* The entry where the lookup ended. needs: it found a node by a name */
struct entry *entry_of(const struct lookup *at);

/* Take the name away, and the node if nothing else leads to it. */
void entry_remove(struct entry *entry);

/* Let an entry lead to another node; the one before goes as by entry_remove. */
void entry_replace(struct entry *entry, struct node *node);

/* The first entry at this place of the directory or behind it; NULL: there is none. */
struct entry *entry_from(const struct node *directory, uint64_t place);

/* The directory's own directory; of one that was removed, and of the root, itself. */
struct node *node_parent(struct node *directory);
