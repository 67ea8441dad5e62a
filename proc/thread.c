/* Threads: made, found, freed. Running them is sched.c's business. */
#include "proc/thread.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "mm/cache.h"
#include "proc/idmap.h"

#define THREAD_ID_FIRST 1 /* so that no token is 0 */

static struct cache thread_cache = CACHE_INIT("threads", struct thread);
static struct lock map_lock = LOCK_INIT("threads", LOCK_RANK_THREADS);
static struct idmap map;

void thread_map_lock(void) { lock_acquire(&map_lock); }
void thread_map_unlock(void) { lock_release(&map_lock); }

struct thread *thread_find(uint32_t id) {
    assert(lock_is_held(&map_lock));
    return idmap_find(&map, id);
}

int thread_create(struct process *process, struct thread **result) {
    struct thread *thread = cache_alloc(&thread_cache);
    if (!thread)
        return -ENOMEM;
    long id;
    thread_map_lock();
    int error = idmap_add(&map, THREAD_ID_FIRST, thread, &id);
    thread_map_unlock();
    if (error) {
        cache_free(&thread_cache, thread);
        return -ENOMEM;
    }
    thread->id = (uint32_t)id;
    thread->process = process;
    list_init(&thread->sibling);
    list_init(&thread->waiting);
    list_init(&thread->ready);
    list_init(&thread->timer);
    *result = thread;
    return 0;
}

void thread_free(struct thread *thread) {
    thread_map_lock();
    (void)idmap_remove(&map, thread->id);
    thread_map_unlock();
    cache_free(&thread_cache, thread);
}
