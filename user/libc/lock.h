/* A lock that is one word of memory, and the wait for a word: what all of <pthread.h> stands on.
 *
 * The word is 0 when the lock is free, 1 when it is held, 2 when it is held and somebody may wait.
 * The kernel is asked only in the last case. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

void lock_take(uint32_t *lock);
bool lock_try(uint32_t *lock);
void lock_give(uint32_t *lock);

/* NULL: for ever. => 0, ETIMEDOUT, or EINVAL when it must wait and this is not a time */
int lock_take_until(uint32_t *lock, const struct timespec *deadline);

/* Wait while the word is `expected`, and not beyond the deadline (NULL: for ever).
 * => 0: look again; ETIMEDOUT; EINVAL: not a time */
int word_wait(const uint32_t *word, uint32_t expected, const struct timespec *deadline);
void word_wake(const uint32_t *word, size_t n);

/* What picolibc locks by: the thread that has it may take it again. */
struct __lock {
    uint32_t lock;
    const void *owner; /* something of which each thread has its own */
    unsigned depth;
};

/* malloc's, and that of other functions that have something in common. NULL where there is none. */
extern __attribute__((weak)) struct __lock __lock___libc_recursive_mutex;

/* Nothing is locked in a program without threads: user/libc/lock.c is not linked into it. */
__attribute__((weak)) void guard_take(struct __lock *lock);
__attribute__((weak)) void guard_give(struct __lock *lock);
__attribute__((weak)) bool guard_try(struct __lock *lock);

static inline void guard_begin(struct __lock *lock) {
    if (guard_take)
        guard_take(lock);
}

static inline void guard_end(struct __lock *lock) {
    if (guard_give)
        guard_give(lock);
}
