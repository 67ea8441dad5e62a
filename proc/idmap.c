/* Small integers to pointers: a radix tree with two bitmaps a node, which slots are used and which
 * have no free number below them any more. A node goes as soon as it is empty. */
#include "proc/idmap.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/cache.h"

#define SLOT_BITS IDMAP_SLOT_BITS
#define SLOTS IDMAP_SLOTS

static struct cache node_cache = CACHE_INIT("id map nodes", struct idmap_node);

/* How many numbers lie below one slot of a node at `level`. */
static long slot_span(int level) { return 1L << (SLOT_BITS * level); }

static int slot_of(long id, int level) { return (int)(id >> (SLOT_BITS * level)) & (SLOTS - 1); }

static bool in_reach(const struct idmap *map, long id) {
    return map->root && id >= 0 && id < slot_span(map->height + 1);
}

static void slot_fill(struct idmap_node *node, int slot, void *pointer, bool full) {
    uint64_t bit = (uint64_t)1 << slot;
    node->slot[slot] = pointer;
    node->used = pointer ? node->used | bit : node->used & ~bit;
    node->full = full ? node->full | bit : node->full & ~bit;
}

/* Put another root on top until `id` is in reach. */
static int grow(struct idmap *map, long id) {
    while (!in_reach(map, id)) {
        struct idmap_node *root = cache_alloc(&node_cache);
        if (!root)
            return -ENOMEM;
        if (map->root) {
            slot_fill(root, 0, map->root, map->root->full == UINT64_MAX);
            map->height++;
        }
        map->root = root;
    }
    return 0;
}

/* Take roots off that only lead to their first slot, and an empty last one. */
static void shrink(struct idmap *map) {
    while (map->root && map->height > 0 && (map->root->used & ~UINT64_C(1)) == 0) {
        struct idmap_node *root = map->root;
        map->root = root->slot[0];
        map->height = map->root ? map->height - 1 : 0;
        cache_free(&node_cache, root);
    }
    if (map->root && map->root->used == 0) {
        cache_free(&node_cache, map->root);
        *map = (struct idmap){0};
    }
}

/* Set or clear the number below `node`, making nodes and freeing empty ones on the way.
 * => 0, or -ENOMEM: nothing changed */
static int node_set(struct idmap_node *node, int level, long id, void *pointer) {
    int slot = slot_of(id, level);
    if (level == 0) {
        slot_fill(node, slot, pointer, pointer != NULL);
        return 0;
    }
    struct idmap_node *below = node->slot[slot];
    if (!below)
        below = cache_alloc(&node_cache);
    if (!below)
        return -ENOMEM;
    int error = node_set(below, level - 1, id, pointer);
    if (below->used == 0) {
        cache_free(&node_cache, below);
        slot_fill(node, slot, NULL, false);
    } else {
        slot_fill(node, slot, below, below->full == UINT64_MAX);
    }
    return error;
}

int idmap_set(struct idmap *map, long id, void *pointer) {
    assert(pointer && id >= 0);
    if (id > IDMAP_ID_MAX)
        return -EMFILE;
    int error = grow(map, id);
    if (!error)
        error = node_set(map->root, map->height, id, pointer);
    if (error)
        shrink(map);
    return error;
}

/* The lowest free number at or above `least` below this node, whose first number is 0; or -1. */
static long node_free(const struct idmap_node *node, int level, long least) {
    long span = slot_span(level);
    uint64_t candidates = ~node->full & UINT64_MAX << (least / span);
    while (candidates) {
        long start = lowest_bit(candidates) * span;
        const struct idmap_node *below = level > 0 ? node->slot[start / span] : NULL;
        long inside = least > start ? least - start : 0;
        if (below)
            inside = node_free(below, level - 1, inside);
        if (inside >= 0)
            return start + inside;
        candidates &= candidates - 1;
    }
    return -1;
}

int idmap_add(struct idmap *map, long least, void *pointer, long *id) {
    assert(least >= 0);
    long found = least;
    if (in_reach(map, least)) {
        found = node_free(map->root, map->height, least);
        if (found < 0)
            found = slot_span(map->height + 1); /* the first number that is out of reach */
    }
    int error = idmap_set(map, found, pointer);
    if (!error)
        *id = found;
    return error;
}

int idmap_add_next(struct idmap *map, long least, long *next, void *pointer, long *id) {
    int error = idmap_add(map, *next, pointer, id);
    if (error == -EMFILE)
        error = idmap_add(map, least, pointer, id);
    if (!error)
        *next = *id + 1;
    return error;
}

void *idmap_remove(struct idmap *map, long id) {
    void *pointer = idmap_find(map, id);
    if (!pointer)
        return NULL;
    int error = node_set(map->root, map->height, id, NULL);
    assert(error == 0); /* every node on the way is there */
    shrink(map);
    return pointer;
}

static void *node_next(const struct idmap_node *node, int level, long *id) {
    long span = slot_span(level), least = *id;
    uint64_t candidates = node->used & UINT64_MAX << (least / span);
    while (candidates) {
        long start = lowest_bit(candidates) * span;
        void *pointer = node->slot[start / span];
        long inside = least > start ? least - start : 0;
        if (level > 0)
            pointer = node_next(pointer, level - 1, &inside);
        if (pointer) {
            *id = start + inside;
            return pointer;
        }
        candidates &= candidates - 1;
    }
    return NULL;
}

void *idmap_next(const struct idmap *map, long *id) {
    if (*id < 0)
        *id = 0;
    return in_reach(map, *id) ? node_next(map->root, map->height, id) : NULL;
}

static int node_copy(const struct idmap_node *from, int level, struct idmap_node **to,
                     void (*visit)(void *pointer)) {
    struct idmap_node *node = cache_alloc(&node_cache);
    int error = 0;
    *to = node;
    if (!node)
        return -ENOMEM;
    for (uint64_t left = from->used; left && !error; left &= left - 1) {
        int slot = lowest_bit(left);
        void *pointer = from->slot[slot];
        if (level > 0)
            error = node_copy(from->slot[slot], level - 1, (struct idmap_node **)&pointer, visit);
        else
            visit(pointer);
        if (pointer)
            slot_fill(node, slot, pointer, from->full >> slot & 1);
    }
    return error;
}

int idmap_copy(const struct idmap *from, struct idmap *to, void (*visit)(void *pointer)) {
    to->height = from->height;
    return from->root ? node_copy(from->root, from->height, &to->root, visit) : 0;
}

static void node_clear(struct idmap_node *node, int level, void (*visit)(void *pointer)) {
    for (uint64_t left = node->used; left; left &= left - 1) {
        void *pointer = node->slot[lowest_bit(left)];
        if (level > 0)
            node_clear(pointer, level - 1, visit);
        else
            visit(pointer);
    }
    cache_free(&node_cache, node);
}

void idmap_clear(struct idmap *map, void (*visit)(void *pointer)) {
    struct idmap all = *map;
    *map = (struct idmap){0};
    if (all.root)
        node_clear(all.root, all.height, visit);
}
