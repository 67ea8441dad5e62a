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

/* Guarded by map_lock. */
static struct idmap map;
static long first_id = THREAD_ID_FIRST; /* smaller ids have no tokens left for new threads */
static long last_id;                    /* the largest one that was ever given */
static uint64_t
    tokens_used; /* no thread that has ended with first_id or above had a larger token */

_Static_assert(IDMAP_ID_MAX < TOKEN_STEP, "every id fits into a token");

void thread_map_lock(void) { lock_acquire(&map_lock); }
void thread_map_unlock(void) { lock_release(&map_lock); }

struct thread *thread_find(uint32_t id) {
    assert(lock_is_held(&map_lock));
    return idmap_find(&map, id);
}

/* Ids whose tokens nobody has seen: none was given before. => map locked */
static void ids_renew(void) {
    first_id = last_id + 1;
    tokens_used = 0;
}

/* An id for the thread, and where its tokens begin. => map locked; 0 or -ENOMEM */
static int id_give(struct thread *thread) {
    long id;
    if (tokens_used + TOKEN_STEP < TOKEN_STEP)
        ids_renew();
    if (idmap_add(&map, first_id, thread, &id) < 0)
        return -ENOMEM;
    last_id = id > last_id ? id : last_id;
    thread->token_id = (uint32_t)id;
    thread->call.token = (tokens_used & ~(TOKEN_STEP - 1)) | (uint64_t)id;
    return 0;
}

/* The thread keeps its first id for those who know it; a token id of its own goes. => map locked */
static void token_id_take(struct thread *thread) {
    if (thread->token_id != thread->id)
        (void)idmap_remove(&map, thread->token_id);
    if (thread->token_id >= first_id && thread->call.token > tokens_used)
        tokens_used = thread->call.token;
}

int thread_renew_token(struct thread *thread) {
    thread_map_lock();
    token_id_take(thread);
    int error = id_give(thread);
    if (error)
        thread->token_id = thread->id; /* its tokens are still at their end */
    thread_map_unlock();
    return error ? error : thread_next_token(thread);
}

int thread_create(struct process *process, struct thread **result) {
    struct thread *thread = cache_alloc(&thread_cache);
    if (!thread)
        return -ENOMEM;
    thread_map_lock();
    int error = id_give(thread);
    thread_map_unlock();
    if (error) {
        cache_free(&thread_cache, thread);
        return error;
    }
    thread->id = thread->token_id;
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
    token_id_take(thread);
    (void)idmap_remove(&map, thread->id);
    thread_map_unlock();
    cache_free(&thread_cache, thread);
}
