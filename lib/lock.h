/* The kernel's one lock type: a spin lock with a name and a rank.
 *
 * A hart takes locks only in rising rank, and two of the same rank in the order of their
 * addresses. Interrupts are off whenever the kernel runs, so a lock needs no care for them. */
#pragma once

#include <stdatomic.h>

#include "lib/types.h"

enum lock_rank {
    LOCK_RANK_PROCESS_TREE = 10,
    LOCK_RANK_SOURCES = 12,
    LOCK_RANK_INTERRUPT = 13,
    LOCK_RANK_PORT = 20,
    LOCK_RANK_HANDLES = 25,
    LOCK_RANK_THREADS = 27,
    LOCK_RANK_SPACE_LIST = 30,
    LOCK_RANK_ADDRESS_SPACE = 40,
    LOCK_RANK_CACHE = 50,
    LOCK_RANK_CACHE_LIST = 55,
    LOCK_RANK_FRAMES = 60,
    LOCK_RANK_RUN_QUEUE = 70,
};

struct lock {
    _Atomic uint32_t held;
    uint32_t rank;
    const char *name;
};

#define LOCK_INIT(lock_name, lock_rank)                                                            \
    { .rank = (lock_rank), .name = (lock_name) }

static inline void lock_init(struct lock *lock, const char *name, enum lock_rank rank) {
    atomic_store_explicit(&lock->held, 0, memory_order_relaxed);
    lock->rank = rank;
    lock->name = name;
}

static inline void lock_acquire(struct lock *lock) {
    /* Acquire: what the last holder wrote before its release is seen here. */
    while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0) {
        while (atomic_load_explicit(&lock->held, memory_order_relaxed) != 0) {}
    }
}

static inline void lock_release(struct lock *lock) {
    atomic_store_explicit(&lock->held, 0, memory_order_release);
}

/* True when some hart holds it: for assertions only. */
static inline bool lock_is_held(const struct lock *lock) {
    return atomic_load_explicit(&lock->held, memory_order_relaxed) != 0;
}
