/* Locks for readers and writers: a mutex round a count, and a condition that says that it fell. */
#include <errno.h>
#include <stdbool.h>

#include "user/libc/thread.h"

static const struct timespec now = {0, 0}; /* a deadline that is over */

typedef bool can_enter(const pthread_rwlock_t *lock);

static bool can_read(const pthread_rwlock_t *lock) { return !lock->writer; }
static bool can_write(const pthread_rwlock_t *lock) { return !lock->writer && lock->readers == 0; }

/* Wait until it can be entered. => 0, and the mutex is locked; or an error */
static int wait_to_enter(pthread_rwlock_t *lock, can_enter *can, const struct timespec *deadline) {
    int error = 0;
    (void)pthread_mutex_lock(&lock->mutex);
    while (!error && !can(lock)) {
        if (deadline == &now)
            error = EBUSY;
        else if (lock->writer == pthread_self())
            error = EDEADLK;
        else
            error = pthread_cond_timedwait(&lock->free, &lock->mutex, deadline);
    }
    if (error)
        (void)pthread_mutex_unlock(&lock->mutex);
    return error;
}

static int enter_reader(pthread_rwlock_t *lock, const struct timespec *deadline) {
    int error = wait_to_enter(lock, can_read, deadline);
    if (error)
        return error;
    lock->readers++;
    return pthread_mutex_unlock(&lock->mutex);
}

static int enter_writer(pthread_rwlock_t *lock, const struct timespec *deadline) {
    int error = wait_to_enter(lock, can_write, deadline);
    if (error)
        return error;
    lock->writer = pthread_self();
    return pthread_mutex_unlock(&lock->mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock) { return enter_reader(lock, NULL); }
int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) { return enter_reader(lock, &now); }
int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock,
                               const struct timespec *restrict deadline) {
    return enter_reader(lock, deadline);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock) { return enter_writer(lock, NULL); }
int pthread_rwlock_trywrlock(pthread_rwlock_t *lock) { return enter_writer(lock, &now); }
int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock,
                               const struct timespec *restrict deadline) {
    return enter_writer(lock, deadline);
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
    int error = 0;
    (void)pthread_mutex_lock(&lock->mutex);
    if (lock->writer == pthread_self())
        lock->writer = NULL;
    else if (lock->readers > 0)
        lock->readers--;
    else
        error = EPERM;
    if (!error && lock->readers == 0)
        (void)pthread_cond_broadcast(&lock->free);
    (void)pthread_mutex_unlock(&lock->mutex);
    return error;
}

int pthread_rwlock_init(pthread_rwlock_t *restrict lock, const pthread_rwlockattr_t *restrict how) {
    if (how && how->shared)
        return ENOTSUP; /* a writer's name means something in its own process only */
    *lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock) {
    (void)pthread_mutex_lock(&lock->mutex);
    int error = can_write(lock) ? 0 : EBUSY;
    (void)pthread_mutex_unlock(&lock->mutex);
    return error;
}

/* ---- Attributes ---- */

int pthread_rwlockattr_init(pthread_rwlockattr_t *how) {
    *how = (pthread_rwlockattr_t){PTHREAD_PROCESS_PRIVATE};
    return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *how) {
    (void)how;
    return 0;
}

int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *how, int shared) {
    if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
        return EINVAL;
    how->shared = shared;
    return 0;
}

int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *restrict how, int *restrict shared) {
    *shared = how->shared;
    return 0;
}
