/* Object caches: kernel objects of one type, carved out of frames.
 *
 * A slab is one frame of objects. It is given back as soon as its last object is freed, so the
 * number of free frames tells the truth. Objects have up to 1,024 bytes. */
#pragma once

#include "lib/list.h"
#include "lib/lock.h"
#include "lib/types.h"

struct cache {
    struct lock lock;
    const char *name;
    size_t object_size;
    struct list partial; /* slabs with a free object */
    struct list full;
    struct cache *next_cache; /* all caches, for audit */
    size_t nslabs;
    bool enlisted;
};

#define CACHE_INIT(cache_name, type)                                                               \
    {                                                                                              \
        .lock = LOCK_INIT(cache_name, LOCK_RANK_CACHE), .name = (cache_name),                      \
        .object_size = sizeof(type)                                                                \
    }

/* A zeroed object, or NULL when memory is full. */
void *cache_alloc(struct cache *cache);

/* needs: object is from cache_alloc of the same cache, and nobody refers to it any more */
void cache_free(struct cache *cache, void *object);

/* Frames that caches hold now, all caches together. */
size_t cache_frame_count(void);

/* Call `visit` with each frame that a cache holds. For audit. */
void cache_visit_frames(void (*visit)(paddr_t frame, void *context), void *context);
