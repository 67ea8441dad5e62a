/* Conditions: a count of signals, and the wait until it is another one.
 *
 * The count is read before the mutex is given up: a signal that comes between that and the wait
 * changes it, and the kernel does not wait. Nothing of the condition is touched after the wait, so
 * it may go as soon as the last waiter was woken. */
#include <errno.h>

#include "user/libc/lock.h"
#include "user/libc/thread.h"

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
    uint32_t signals = __atomic_load_n(&condition->signals, __ATOMIC_RELAXED);
    unsigned depth;
    int error = mutex_unlock_all(mutex, &depth);
    if (error)
        return error;
    error = word_wait(&condition->signals, signals, deadline);
    (void)pthread_mutex_lock(mutex);
    mutex->depth = depth;
    return error;
}

int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex) {
    return pthread_cond_timedwait(condition, mutex, NULL);
}

static int signal_waiters(pthread_cond_t *condition, size_t n) {
    __atomic_fetch_add(&condition->signals, 1, __ATOMIC_RELAXED);
    word_wake(&condition->signals, n);
    return 0;
}

int pthread_cond_signal(pthread_cond_t *condition) { return signal_waiters(condition, 1); }
int pthread_cond_broadcast(pthread_cond_t *condition) {
    return signal_waiters(condition, SIZE_MAX);
}

int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict how) {
    (void)how; /* both clocks are one, and the kernel finds shared words by itself */
    *condition = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition) {
    (void)condition;
    return 0;
}

/* ---- Attributes ---- */

int pthread_condattr_init(pthread_condattr_t *how) {
    *how = (pthread_condattr_t){CLOCK_REALTIME, PTHREAD_PROCESS_PRIVATE};
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *how) {
    (void)how;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *how, clockid_t clock) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return EINVAL;
    how->clock = clock;
    return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict how, clockid_t *restrict clock) {
    *clock = how->clock;
    return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *how, int shared) {
    if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
        return EINVAL;
    how->shared = shared;
    return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *restrict how, int *restrict shared) {
    *shared = how->shared;
    return 0;
}
