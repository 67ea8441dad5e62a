/* Object caches: kernel objects of one type, carved out of frames.
 *
 * The one idea: a slab is one frame with its header at the start, so the slab of an object is
 * its address rounded down. Free objects of a slab are linked through their first word. */
#include "mm/cache.h"

#include "lib/assert.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/pt.h"

struct free_object {
    struct free_object *next;
};

struct slab {
    struct list link; /* in cache.partial or cache.full */
    struct cache *cache;
    paddr_t frame;
    struct free_object *free;
    size_t used;
};

static struct lock caches_lock = LOCK_INIT("list of caches", LOCK_RANK_CACHE_LIST);
static struct cache *caches;

/* First use: put the cache on the list of all caches. */
static void cache_enlist(struct cache *cache) {
    list_init(&cache->partial);
    list_init(&cache->full);
    assert(cache->object_size >= sizeof(struct free_object) && cache->object_size <= 1024);
    lock_acquire(&caches_lock);
    cache->next_cache = caches;
    caches = cache;
    lock_release(&caches_lock);
    cache->enlisted = true;
}

static size_t cache_stride(const struct cache *cache) {
    return (cache->object_size + 15) & ~(size_t)15;
}

/* A slab of free objects on the partial list, or NULL. needs: cache locked */
static struct slab *slab_create(struct cache *cache) {
    paddr_t frame = frame_alloc();
    if (frame == FRAME_NONE)
        return NULL;
    struct slab *slab = frame_address(frame);
    *slab = (struct slab){.cache = cache, .frame = frame};
    size_t stride = cache_stride(cache);
    char *base = (char *)slab;
    for (size_t offset = (PAGE_SIZE - sizeof *slab) / stride * stride; offset > 0;
         offset -= stride) {
        struct free_object *object = (void *)(base + PAGE_SIZE - offset);
        object->next = slab->free;
        slab->free = object;
    }
    list_push_back(&cache->partial, &slab->link);
    cache->nslabs++;
    return slab;
}

/* needs: cache locked; the slab has no object in use */
static void slab_destroy(struct slab *slab) {
    list_remove(&slab->link);
    slab->cache->nslabs--;
    frame_put(slab->frame);
}

/* needs: cache locked */
static void *object_pop(struct cache *cache) {
    struct slab *slab = list_first(&cache->partial, struct slab, link);
    if (!slab)
        slab = slab_create(cache);
    if (!slab)
        return NULL;
    struct free_object *object = slab->free;
    assert(object); /* with none left it would be on the full list */
    slab->free = object->next;
    slab->used++;
    if (!slab->free) {
        list_remove(&slab->link);
        list_push_back(&cache->full, &slab->link);
    }
    return object;
}

void *cache_alloc(struct cache *cache) {
    lock_acquire(&cache->lock);
    if (!cache->enlisted)
        cache_enlist(cache);
    void *object = object_pop(cache);
    lock_release(&cache->lock);
    if (object)
        memset(object, 0, cache->object_size);
    return object;
}

void cache_free(struct cache *cache, void *object) {
    struct slab *slab = (struct slab *)page_round_down((uintptr_t)object);
    assert(slab->cache == cache && slab->used > 0);
    lock_acquire(&cache->lock);
    if (!slab->free) {
        list_remove(&slab->link);
        list_push_front(&cache->partial, &slab->link);
    }
#ifdef BYRE_DEBUG
    memset(object, 0x6b, cache->object_size); /* who still uses it is to notice */
#endif
    struct free_object *freed = object;
    freed->next = slab->free;
    slab->free = freed;
    if (--slab->used == 0)
        slab_destroy(slab);
    lock_release(&cache->lock);
}

size_t cache_frame_count(void) {
    size_t nframes = 0;
    for (const struct cache *cache = caches; cache; cache = cache->next_cache)
        nframes += cache->nslabs;
    return nframes;
}

static void visit_slabs(struct list *slabs, void (*visit)(paddr_t frame, void *context),
                        void *context) {
    struct slab *slab;
    list_for_each (slab, slabs, link)
        visit(slab->frame, context);
}

void cache_visit_frames(void (*visit)(paddr_t frame, void *context), void *context) {
    for (struct cache *cache = caches; cache; cache = cache->next_cache) {
        visit_slabs(&cache->partial, visit, context);
        visit_slabs(&cache->full, visit, context);
    }
}
