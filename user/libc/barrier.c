/* Barriers: who comes last begins the next round, for which the others wait.
 *
 * Who has seen the round end may destroy the barrier and give its memory back, while others are
 * still on their way out: so destroying waits until nobody is inside. */
#include <errno.h>

#include "user/libc/lock.h"
#include "user/libc/thread.h"

static uint32_t round_of(pthread_barrier_t *barrier) {
    return __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
}

int pthread_barrier_wait(pthread_barrier_t *barrier) {
    lock_take(&barrier->lock);
    uint32_t round = barrier->round;
    bool last = ++barrier->arrived == barrier->wanted;
    __atomic_fetch_add(&barrier->inside, 1, __ATOMIC_RELAXED);
    if (last) {
        barrier->arrived = 0;
        __atomic_store_n(&barrier->round, round + 1, __ATOMIC_RELEASE);
    }
    lock_give(&barrier->lock);
    if (last)
        word_wake(&barrier->round, SIZE_MAX);
    while (round_of(barrier) == round)
        (void)word_wait(&barrier->round, round, NULL);
    if (__atomic_fetch_sub(&barrier->inside, 1, __ATOMIC_RELEASE) == 1)
        word_wake(&barrier->inside, 1);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int pthread_barrier_destroy(pthread_barrier_t *barrier) {
    uint32_t inside;
    lock_take(&barrier->lock);
    int error = barrier->arrived > 0 ? EBUSY : 0;
    lock_give(&barrier->lock);
    while (!error && (inside = __atomic_load_n(&barrier->inside, __ATOMIC_ACQUIRE)) > 0)
        (void)word_wait(&barrier->inside, inside, NULL);
    return error;
}

int pthread_barrier_init(pthread_barrier_t *restrict barrier,
                         const pthread_barrierattr_t *restrict how, unsigned wanted) {
    (void)how; /* the kernel finds shared words by itself */
    if (wanted == 0)
        return EINVAL;
    *barrier = (pthread_barrier_t){.wanted = wanted};
    return 0;
}

/* ---- Attributes ---- */

int pthread_barrierattr_init(pthread_barrierattr_t *how) {
    *how = (pthread_barrierattr_t){PTHREAD_PROCESS_PRIVATE};
    return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *how) {
    (void)how;
    return 0;
}

int pthread_barrierattr_setpshared(pthread_barrierattr_t *how, int shared) {
    if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
        return EINVAL;
    how->shared = shared;
    return 0;
}

int pthread_barrierattr_getpshared(const pthread_barrierattr_t *restrict how,
                                   int *restrict shared) {
    *shared = how->shared;
    return 0;
}
