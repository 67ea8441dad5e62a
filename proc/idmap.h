/* Small integers to pointers: handles, process ids, thread ids.
 *
 * A tree of nodes with 64 slots that grows in height with the numbers in use, so nothing has a
 * fixed size, a look-up costs a step for each 6 bits, and the lowest free number is found by
 * bitmaps. Holds no lock. */
#pragma once

#include "lib/types.h"

#define IDMAP_SLOT_BITS 6
#define IDMAP_SLOTS (1 << IDMAP_SLOT_BITS)

/* idmap.c's own, but for the look-up in line. */
struct idmap_node {
    void *slot[IDMAP_SLOTS]; /* the pointers themselves at level 0, nodes above */
    uint64_t used;           /* bit i: slot i is in use */
    uint64_t full;           /* bit i: no number below it is free */
};

struct idmap {
    struct idmap_node *root; /* NULL: empty */
    int height;              /* levels below the root */
};

#define IDMAP_ID_MAX 0xffffff /* larger numbers are refused */

/* What the number stands for, or NULL. => any number at all */
static inline void *idmap_find(const struct idmap *map, long id) {
    int shift = IDMAP_SLOT_BITS * map->height;
    const struct idmap_node *node = map->root;
    if ((uint64_t)id >> shift >> IDMAP_SLOT_BITS != 0)
        return NULL; /* beyond the tree, or negative */
    for (; node && shift > 0; shift -= IDMAP_SLOT_BITS)
        node = (const struct idmap_node *)node->slot[id >> shift & (IDMAP_SLOTS - 1)];
    return node ? node->slot[id & (IDMAP_SLOTS - 1)] : NULL;
}

/* Let the lowest free number at or above `least` stand for `pointer`.
 * => pointer not NULL, 0 <= least
 * => 0 and *id; -ENOMEM; -EMFILE: no number is left. Nothing changed on failure */
must_check int idmap_add(struct idmap *map, long least, void *pointer, long *id);

/* The same, with the lowest free number at or above *next, which then is the one after it; from
 * `least` on again when no larger number is left. So a number comes again as late as it can.
 * => 0 and *id; -ENOMEM; -EMFILE. Nothing changed on failure */
must_check int idmap_add_next(struct idmap *map, long least, long *next, void *pointer, long *id);

/* Let this number stand for `pointer`, in the place of what it stood for.
 * => 0; -ENOMEM; -EMFILE: the number is too large. Nothing changed on failure */
must_check int idmap_set(struct idmap *map, long id, void *pointer);

/* Free the number. => what it stood for, or NULL */
void *idmap_remove(struct idmap *map, long id);

/* Repeat all of `from` in `to`, and call `visit` with each pointer that was repeated.
 * => to empty; 0, or -ENOMEM: `to` has what was visited */
must_check int idmap_copy(const struct idmap *from, struct idmap *to, void (*visit)(void *pointer));

/* Empty the map, and call `visit` with each pointer that was in it, lowest number first.
 * => visit does not use the map */
void idmap_clear(struct idmap *map, void (*visit)(void *pointer));

/* The first number at or above *id that stands for something. => it, and *id; NULL: there is none
 */
void *idmap_next(const struct idmap *map, long *id);
