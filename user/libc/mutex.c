/* Mutexes: a lock of one word, and for the kinds that ask, whose it is. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "user/libc/lock.h"
#include "user/libc/thread.h"

/* Only the owner itself finds its own name here, so no lock is needed to look. */
static bool owned(const pthread_mutex_t *mutex) {
    return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == pthread_self();
}

static void own(pthread_mutex_t *mutex, pthread_t thread) {
    __atomic_store_n(&mutex->owner, thread, __ATOMIC_RELAXED);
}

static int lock_again(pthread_mutex_t *mutex) {
    if (mutex->depth == UINT_MAX)
        return EAGAIN;
    mutex->depth++;
    return 0;
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
                            const struct timespec *restrict deadline) {
    if (mutex->kind == PTHREAD_MUTEX_NORMAL)
        return lock_take_until(&mutex->word, deadline);
    if (owned(mutex))
        return mutex->kind == PTHREAD_MUTEX_RECURSIVE ? lock_again(mutex) : EDEADLK;
    int error = lock_take_until(&mutex->word, deadline);
    if (!error)
        own(mutex, pthread_self());
    return error;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) { return pthread_mutex_timedlock(mutex, NULL); }

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
    if (mutex->kind == PTHREAD_MUTEX_RECURSIVE && owned(mutex))
        return lock_again(mutex);
    if (!lock_try(&mutex->word))
        return EBUSY;
    if (mutex->kind != PTHREAD_MUTEX_NORMAL)
        own(mutex, pthread_self());
    return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    if (mutex->kind != PTHREAD_MUTEX_NORMAL && !owned(mutex))
        return EPERM;
    if (mutex->depth > 0) {
        mutex->depth--;
        return 0;
    }
    if (mutex->kind != PTHREAD_MUTEX_NORMAL)
        own(mutex, NULL);
    lock_give(&mutex->word);
    return 0;
}

int mutex_unlock_all(pthread_mutex_t *mutex, unsigned *depth) {
    if (mutex->kind != PTHREAD_MUTEX_NORMAL && !owned(mutex))
        return EPERM;
    *depth = mutex->depth;
    mutex->depth = 0;
    return pthread_mutex_unlock(mutex);
}

int pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict how) {
    if (how && how->shared && how->kind != PTHREAD_MUTEX_NORMAL)
        return ENOTSUP;
    *mutex = (pthread_mutex_t){.kind = how ? how->kind : PTHREAD_MUTEX_NORMAL};
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
    return __atomic_load_n(&mutex->word, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

/* ---- Attributes ---- */

int pthread_mutexattr_init(pthread_mutexattr_t *how) {
    *how = (pthread_mutexattr_t){PTHREAD_MUTEX_DEFAULT, PTHREAD_PROCESS_PRIVATE};
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *how) {
    (void)how;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *how, int kind) {
    if (kind != PTHREAD_MUTEX_NORMAL && kind != PTHREAD_MUTEX_RECURSIVE &&
        kind != PTHREAD_MUTEX_ERRORCHECK)
        return EINVAL;
    how->kind = kind;
    return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict how, int *restrict kind) {
    *kind = how->kind;
    return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *how, int shared) {
    if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
        return EINVAL;
    how->shared = shared;
    return 0;
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *restrict how, int *restrict shared) {
    *shared = how->shared;
    return 0;
}
