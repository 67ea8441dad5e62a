/* The order of locks, checked: a hart that holds a lock may only take one of a higher rank, or of
 * the same rank at a higher address. Whoever keeps to it can be in no circle of waiting harts. */
#include "lib/lock.h"

#include "lib/assert.h"

#ifdef BYRE_DEBUG

#define HELD_MAX 16 /* a hart holds at most one of each rank, but two of a few */

static struct {
    const struct lock *held[HELD_MAX]; /* in the order in which they were taken */
    size_t nheld;
} harts[HARTS_MAX];

static bool lock_may_follow(const struct lock *lock, const struct lock *last) {
    return lock->rank > last->rank || (lock->rank == last->rank && lock > last);
}

void lock_check_order(const struct lock *lock) {
    size_t hart = hart_index();
    for (size_t i = 0; i < harts[hart].nheld; i++)
        if (!lock_may_follow(lock, harts[hart].held[i]))
            panic("lock order: \"%s\" (%u) is taken after \"%s\" (%u)", lock->name, lock->rank,
                  harts[hart].held[i]->name, harts[hart].held[i]->rank);
}

void lock_note_taken(struct lock *lock) {
    size_t hart = hart_index();
    assert(harts[hart].nheld < HELD_MAX);
    harts[hart].held[harts[hart].nheld++] = lock;
    atomic_store_explicit(&lock->holder, (uint32_t)hart + 1, memory_order_relaxed);
}

void lock_note_released(struct lock *lock) {
    size_t hart = hart_index();
    if (!lock_is_held(lock))
        panic("lock \"%s\" is released by a hart that does not hold it", lock->name);
    atomic_store_explicit(&lock->holder, 0, memory_order_relaxed);
    size_t i = 0;
    while (harts[hart].held[i] != lock)
        i++;
    for (harts[hart].nheld--; i < harts[hart].nheld; i++)
        harts[hart].held[i] = harts[hart].held[i + 1];
}

#endif
