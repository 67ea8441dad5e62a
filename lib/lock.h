/* The kernel's one lock type: a spin lock with a name and a rank.
 *
 * A hart takes locks only in rising rank, and two of the same rank in the order of their
 * addresses. Interrupts are off whenever the kernel runs, so a lock needs no care for them. */
#pragma once

#include <stdatomic.h>

#include "lib/types.h"
#include "machine_inline.h"

enum lock_rank {
    LOCK_RANK_PROCESS_TREE = 10,
    LOCK_RANK_SOURCES = 12,
    LOCK_RANK_INTERRUPT = 13,
    LOCK_RANK_PORTS = 18,
    LOCK_RANK_PORT = 20,
    LOCK_RANK_FUTEX = 22,
    LOCK_RANK_HANDLES = 25,
    LOCK_RANK_THREADS = 27,
    LOCK_RANK_SPACE_LIST = 30,
    LOCK_RANK_ADDRESS_SPACE = 40,
    LOCK_RANK_CACHE = 50,
    LOCK_RANK_CACHE_LIST = 55,
    LOCK_RANK_HART_FREE_LISTS = 58,
    LOCK_RANK_GLOBAL_FREE_LISTS = 60,
    LOCK_RANK_RUN_QUEUE = 70,
};

struct lock {
    _Atomic uint32_t held;
    uint32_t rank;
    const char *name;
#ifdef BYRE_DEBUG
    _Atomic uint32_t holder; /* the hart's index + 1; 0: nobody */
#endif
};

#define LOCK_INIT(lock_name, lock_rank)                                                            \
    { .rank = (lock_rank), .name = (lock_name) }

#ifdef BYRE_DEBUG
/* Before: panic when this hart takes locks out of order. After, and before the release: note what
 * it holds. */
void lock_check_order(const struct lock *lock);
void lock_note_taken(struct lock *lock);
void lock_note_released(struct lock *lock);
#else
static inline void lock_check_order(const struct lock *lock) { (void)lock; }
static inline void lock_note_taken(struct lock *lock) { (void)lock; }
static inline void lock_note_released(struct lock *lock) { (void)lock; }
#endif

static inline void lock_init(struct lock *lock, const char *name, enum lock_rank rank) {
    *lock = (struct lock)LOCK_INIT(name, rank);
}

static inline void lock_acquire(struct lock *lock) {
    lock_check_order(lock);
    yield_point(lock->name);
    /* Acquire: what the last holder wrote before its release is seen here. */
    while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0) {
        while (atomic_load_explicit(&lock->held, memory_order_relaxed) != 0)
            yield_until_zero(&lock->held);
    }
    lock_note_taken(lock);
}

/* Take the lock if nobody has it. Any order will do, since nobody waits. */
must_check static inline bool lock_try(struct lock *lock) {
    yield_point(lock->name);
    if (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0) {
        yield_until_zero(&lock->held); /* whoever tries again does so when it may succeed */
        return false;
    }
    lock_note_taken(lock);
    return true;
}

static inline void lock_release(struct lock *lock) {
    lock_note_released(lock);
    atomic_store_explicit(&lock->held, 0, memory_order_release);
}

/* Does this hart hold it? For assertions only: release builds only know that some hart does. */
static inline bool lock_is_held(const struct lock *lock) {
#ifdef BYRE_DEBUG
    return atomic_load_explicit(&lock->holder, memory_order_relaxed) == hart_index() + 1;
#else
    return atomic_load_explicit(&lock->held, memory_order_relaxed) != 0;
#endif
}
