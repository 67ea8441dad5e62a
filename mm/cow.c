/* Copy-on-write: share pages between address spaces, and unshare one when it is written.
 *
 * The one idea: while a frame may be seen by more than one page table, no entry that leads to
 * it allows a store. So the first store faults, and the fault decides, by the frame's count,
 * whether there is still anybody to be protected from it.
 *
 * Invariants kept here (docs/copy-on-write.md; audit proves them):
 *  - the frame's count rises before the entry that it stands for can be seen;
 *  - an entry that allows a store, in a private region, maps a frame whose count is 1;
 *  - a reference is put only after the fence that ends the translations made from it.
 *
 * Not responsible for: which regions are shared (mm/fork.c), whether an access is allowed
 * (mm/fault.c), dropping references at unmap and exit (mm/aspace.c: each entry owns one). */
#include "mm/cow.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/pt.h"

#define BATCH 8 /* entries whose handling is written out side by side */

/* What one side's entry ends with. A mark says that the page is not writable yet, not never. */
static pte_t shared_bits(const struct region *region) {
    pte_t mark = (region->rights & MAP_WRITE) ? PTE_COW : 0;
    return pte_make(0, region->rights & ~(uint32_t)MAP_WRITE) | mark;
}

/* Share one page whose flags are not those of a shared page: it is absent, or may be written.
 * => *downgraded: it may no more */
static int share_first(pte_t *from, pte_t *to, pte_t flags, pte_t change, bool *downgraded) {
    pte_t entry = pte_load(from);
    if (!pte_present(entry))
        return 0;
    int error = frame_get(pte_frame(entry));
    if (error)
        return error;
    if (pte_writable(entry)) {
        pte_store(from, pte_with_flags(entry, flags));
        *downgraded = true;
    }
    pte_store(to, pte_with_flags(entry, flags + change));
    return 0;
}

/* Share one page: its flags become `flags` on this side, flags + change on the other. The count
 * first: once a second entry is there, the first owner must not take the frame for its own. `from`
 * is locked, so its own entry keeps the frame meanwhile. */
static inline int share_entry(pte_t *from, pte_t *to, pte_t flags, pte_t change, bool *downgraded,
                              int64_t up) {
    pte_t entry = pte_load(from);
    debug_assert(!pte_present(pte_load(to)));
    if ((entry & PTE_FLAGS) != flags)
        return share_first(from, to, flags, change, downgraded);
    int error = frame_get_by(pte_frame(entry), up);
    if (error)
        return error;
    pte_store(to, entry + change);
    return 0;
}

/* Share the entries of one stretch that lies in one leaf table on either side. Not in line: the
 * loop needs all registers that a function can have. */
__attribute__((noinline)) static int share_entries(pte_t *from, pte_t *to, size_t n, pte_t flags,
                                                   pte_t change, bool *downgraded) {
    const pte_t *end = from + n;
    int64_t up = in_register(1);
    pte_publish(); /* the giver's last stores, for a receiver that runs already */
    for (; end - from >= BATCH; from += BATCH, to += BATCH)
#pragma GCC unroll 8
        for (size_t k = 0; k < BATCH; k++)
            if (share_entry(&from[k], &to[k], flags, change, downgraded, up) < 0)
                return -ENOMEM;
    for (; from < end; from++, to++)
        if (share_entry(from, to, flags, change, downgraded, up) < 0)
            return -ENOMEM;
    return 0;
}

/* The regions of both sides, checked against the contract. */
static void share_check(struct aspace *as, const struct region *region, vaddr_t va, size_t npages) {
    assert(lock_is_held(&as->lock));
    assert(va % PAGE_SIZE == 0 && npages > 0);
    assert(region && region->kind == REGION_KIND_PRIVATE);
    assert(region->start <= va && npages <= (region->end - va) >> PAGE_SHIFT);
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    const struct region *from_region = aspace_find(from, from_va);
    struct region *to_region = aspace_find(to, to_va);
    share_check(from, from_region, from_va, npages);
    share_check(to, to_region, to_va, npages);
    pte_t flags = shared_bits(from_region), change = shared_bits(to_region) - flags;
    vaddr_t start = max_u64(from_va, from_region->filled_start);
    vaddr_t end = min_u64(from_va + npages * PAGE_SIZE, from_region->filled_end);
    uint64_t distance = to_va - from_va; /* modulo */
    bool downgraded = false;
    int error = 0;
    if (start >= end)
        return 0;
    region_filled(to_region, start + distance, end + distance);

    for (vaddr_t va = start, n; va < end && error == 0; va += n * PAGE_SIZE) {
        n = min_u64(pt_span(va, end), pt_span(va + distance, end + distance));
        pte_t *source = pt_find(&from->pt, va);
        if (!source)
            continue;
        pte_t *target = pt_ensure(&to->pt, va + distance);
        error = target ? share_entries(source, target, n, flags, change, &downgraded) : -ENOMEM;
    }
    /* Harts may still hold translations of `from` that allow the store. They end when `from` is
     * unlocked, one fence for a whole fork: before anybody can run on either side again. On
     * failure too, since entries were changed. `to` had no entry here, so none can be stale. */
    if (downgraded)
        pt_fence_later(&from->pt, start, (end - start) >> PAGE_SHIFT);
    return error;
}

/* Replace the shared frame by one of our own. */
__attribute__((noinline)) static int resolve_by_copy(struct aspace *as, vaddr_t va, pte_t *entry,
                                                     uint32_t rights) {
    paddr_t old = pte_frame(pte_load(entry));
    bool zero = old == zero_frame;
    paddr_t copy = zero ? frame_alloc_zeroed() : frame_alloc();
    if (copy == FRAME_NONE)
        return -ENOMEM;
    /* `old` cannot change under the copy: every entry that maps it lacks the right to write, and
     * gets it only when the count is 1, which our own reference prevents. */
    if (!zero)
        memcpy(frame_address(copy), frame_address(old), PAGE_SIZE);
    /* Hide, fence, show, put: in this order. Until the fence a hart may read `old` through its
     * stale translation. So nobody may write `copy` yet, or the writer might not read it back; and
     * a put might make `old` somebody else's page at once. */
    pte_store(entry, 0);
    pt_fence(&as->pt, va, 1);
    pte_publish();
    pte_store(entry, pte_make(copy, rights));
    frame_put(old);
    counter_add(zero ? &vm_counters.zero_fills : &vm_counters.copies, 1);
    return 0;
}

int cow_resolve(struct aspace *as, vaddr_t va) {
    const struct region *region = aspace_find(as, va);
    assert(lock_is_held(&as->lock) && va % PAGE_SIZE == 0);
    assert(region && region->kind == REGION_KIND_PRIVATE && (region->rights & MAP_WRITE));
    pte_t *entry = pt_find(&as->pt, va), value = entry ? pte_load(entry) : 0;
    assert(pte_present(value) && !pte_writable(value));

    paddr_t frame = pte_frame(value);
    /* The zero frame is never ours alone: the kernel holds it, so its count is above 1. */
    if (frame_count(frame) > 1)
        return resolve_by_copy(as, va, entry, region->rights);

    /* The last owner. Only sharing from an entry that maps the frame raises its count; ours is
     * the only one, and we hold the lock that sharing it takes. So it stays 1.
     * No fence: a stale translation only lacks a right, and a store through it faults again and
     * finds the entry as it should be. */
    pte_store(entry, pte_make(frame, region->rights));
    counter_add(&vm_counters.takes, 1);
    return 0;
}
