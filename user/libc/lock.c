/* Locks: of one word, and picolibc's own, which are made of them.
 *
 * Ulrich Drepper, "Futexes Are Tricky", tells why three states are enough. This file is linked only
 * into programs that have threads; in all others picolibc's locks are empty functions. */
#include "user/libc/lock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/lock.h>

#include "byre/syscall.h"

#define NANOSECONDS 1000000000
#define FREE 0
#define HELD 1
#define AWAITED 2

static _Atomic uint32_t *atomic_of(const uint32_t *word) { return (_Atomic uint32_t *)word; }

/* ---- Words ---- */

/* How long until then, 0 when it is over. */
static uint64_t time_left(const struct timespec *deadline) {
    uint64_t now = (uint64_t)sys_clock(), then;
    if (deadline->tv_sec < 0)
        return 0;
    if (__builtin_mul_overflow((uint64_t)deadline->tv_sec, NANOSECONDS, &then) ||
        __builtin_add_overflow(then, (uint64_t)deadline->tv_nsec, &then))
        return SYS_FOREVER;
    return then > now ? then - now : 0;
}

int word_wait(const uint32_t *word, uint32_t expected, const struct timespec *deadline) {
    uint64_t left = SYS_FOREVER;
    if (deadline && (deadline->tv_nsec < 0 || deadline->tv_nsec >= NANOSECONDS))
        return EINVAL;
    if (deadline && (left = time_left(deadline)) == 0)
        return ETIMEDOUT;
    return sys_futex_wait(word, expected, left) == -ETIMEDOUT ? ETIMEDOUT : 0;
}

/* The word may be gone: who was to be woken has seen it change, and gave it back. */
void word_wake(const uint32_t *word, size_t n) { (void)sys_futex_wake(word, n); }

/* ---- Locks ---- */

bool lock_try(uint32_t *lock) {
    uint32_t seen = FREE;
    return atomic_compare_exchange_strong_explicit(atomic_of(lock), &seen, HELD,
                                                   memory_order_acquire, memory_order_relaxed);
}

int lock_take_until(uint32_t *lock, const struct timespec *deadline) {
    if (lock_try(lock))
        return 0;
    while (atomic_exchange_explicit(atomic_of(lock), AWAITED, memory_order_acquire) != FREE) {
        int error = word_wait(lock, AWAITED, deadline);
        if (error)
            return error;
    }
    return 0;
}

void lock_take(uint32_t *lock) { (void)lock_take_until(lock, NULL); }

void lock_give(uint32_t *lock) {
    if (atomic_exchange_explicit(atomic_of(lock), FREE, memory_order_release) == AWAITED)
        word_wake(lock, 1);
}

/* ---- picolibc's ---- */

static _Thread_local char mark; /* each thread's is somewhere else: that is who it is */

struct __lock __lock___libc_recursive_mutex;

/* Only the owner itself finds its own mark here. */
static bool owned(const struct __lock *lock) {
    return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == &mark;
}

static void own(struct __lock *lock, const void *owner) {
    __atomic_store_n(&lock->owner, owner, __ATOMIC_RELAXED);
}

/* Where there was no memory for a lock there is none. */
void guard_take(struct __lock *lock) {
    if (!lock)
        return;
    if (owned(lock)) {
        lock->depth++;
        return;
    }
    lock_take(&lock->lock);
    own(lock, &mark);
}

void guard_give(struct __lock *lock) {
    if (!lock)
        return;
    if (lock->depth > 0) {
        lock->depth--;
        return;
    }
    own(lock, NULL);
    lock_give(&lock->lock);
}

bool guard_try(struct __lock *lock) {
    if (lock && !owned(lock) && !lock_try(&lock->lock))
        return false;
    if (lock && owned(lock))
        lock->depth++;
    else if (lock)
        own(lock, &mark);
    return true;
}

void __retarget_lock_init(_LOCK_T *lock) { *lock = calloc(1, sizeof **lock); }
void __retarget_lock_close(_LOCK_T lock) { free(lock); }
void __retarget_lock_acquire(_LOCK_T lock) { guard_take(lock); }
int __retarget_lock_try_acquire(_LOCK_T lock) { return guard_try(lock); }
void __retarget_lock_release(_LOCK_T lock) { guard_give(lock); }

void __retarget_lock_init_recursive(_LOCK_T *lock) { __retarget_lock_init(lock); }
void __retarget_lock_close_recursive(_LOCK_T lock) { __retarget_lock_close(lock); }
void __retarget_lock_acquire_recursive(_LOCK_T lock) { guard_take(lock); }
int __retarget_lock_try_acquire_recursive(_LOCK_T lock) { return guard_try(lock); }
void __retarget_lock_release_recursive(_LOCK_T lock) { guard_give(lock); }
