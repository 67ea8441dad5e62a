/* Futexes: a hash of lists of threads, by what they wait for.
 *
 * A word of private memory is named by its address space and address: copy-on-write may move its
 * frame meanwhile. A word of shared memory is named by the mapping that made the memory and by the
 * address: fork is how others come to share it, so they see it at the same place. No name holds
 * for something else later, when the memory is gone and a thread still waits there. */
#include "proc/futex.h"

#include <stdatomic.h>

#include "drivers/timer.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "mm/fault.h"
#include "proc/process.h"
#include "proc/sched.h"

#define BUCKETS 64

struct bucket {
    struct lock lock;
    struct list waiters; /* oldest first */
};

static struct bucket buckets[BUCKETS];

void futex_init(void) {
    for (size_t i = 0; i < BUCKETS; i++) {
        lock_init(&buckets[i].lock, "futex", LOCK_RANK_FUTEX);
        list_init(&buckets[i].waiters);
    }
}

static struct bucket *bucket_of(const struct futex_key *key) {
    uint64_t of_memory = (uintptr_t)key->as >> 6 ^ key->memory;
    return &buckets[(key->address / sizeof(uint32_t) ^ of_memory) % BUCKETS];
}

static bool keys_equal(const struct futex_key *a, const struct futex_key *b) {
    return a->as == b->as && a->memory == b->memory && a->address == b->address;
}

/* What the word is called, and what it holds now. */
static int word_read(vaddr_t address, struct futex_key *key, uint32_t *value) {
    struct aspace *as = process_current()->as;
    paddr_t frame;
    if (address % sizeof *value != 0)
        return -EINVAL;
    aspace_lock(as);
    int error = vm_fault_locked(as, address, ACCESS_READ, &frame);
    if (!error) {
        paddr_t place = frame + (address & PAGE_MASK);
        uint64_t memory = aspace_find(as, address)->memory;
        *key = (struct futex_key){memory ? NULL : as, memory, address};
        *value = atomic_load((_Atomic uint32_t *)frame_address(place));
    }
    aspace_unlock(as);
    return error;
}

static long time_out(struct thread *thread) {
    futex_leave(thread);
    return -ETIMEDOUT;
}

long futex_wait(vaddr_t address, uint64_t expected, uint64_t nanoseconds) {
    struct thread *thread = thread_current();
    struct futex_key again;
    uint32_t value;
    int error = word_read(address, &thread->futex, &value);
    if (error)
        return error;
    struct bucket *bucket = bucket_of(&thread->futex);
    lock_acquire(&bucket->lock);
    /* Once more, under the lock: who changes the word and wakes now finds us, or we see it. */
    error = word_read(address, &again, &value);
    if (!error && (value != (uint32_t)expected || !keys_equal(&again, &thread->futex)))
        error = -EAGAIN;
    if (!error) {
        list_push_back(&bucket->waiters, &thread->waiting);
        thread_wait(thread, WAIT_FUTEX);
        if (nanoseconds != UINT64_MAX)
            sched_wake_at(thread, timer_after(nanoseconds), time_out);
    }
    lock_release(&bucket->lock);
    return error;
}

/* The next thread from `link` on that waits for the word; NULL: none. => bucket locked */
static struct thread *waiter_find(const struct bucket *bucket, struct list *link,
                                  const struct futex_key *key) {
    for (; link != &bucket->waiters; link = link->next) {
        struct thread *thread = list_entry(link, struct thread, waiting);
        if (keys_equal(&thread->futex, key))
            return thread;
    }
    return NULL;
}

long futex_wake(vaddr_t address, uint64_t n) {
    struct futex_key key;
    struct thread *thread;
    uint32_t value;
    uint64_t woken = 0;
    int error = word_read(address, &key, &value);
    if (error)
        return error;
    struct bucket *bucket = bucket_of(&key);
    lock_acquire(&bucket->lock);
    struct list *link = bucket->waiters.next;
    while (woken < n && (thread = waiter_find(bucket, link, &key))) {
        link = thread->waiting.next;
        list_remove(&thread->waiting);
        if (!thread_wake(thread))
            continue;
        sched_forget_sleeper(thread);
        thread->context.x[A0] = 0;
        sched_ready(thread);
        woken++;
    }
    lock_release(&bucket->lock);
    return (long)woken;
}

void futex_leave(struct thread *thread) {
    struct bucket *bucket = bucket_of(&thread->futex);
    lock_acquire(&bucket->lock);
    list_remove(&thread->waiting);
    lock_release(&bucket->lock);
}
