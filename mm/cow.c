/* Copy-on-write: share pages between address spaces, and unshare one when it is written.
 *
 * The one idea: while more than one page table leads to a frame, no entry that maps it allows a
 * store. So the first store faults. Then the frame's count tells whether anybody else still maps
 * it: if so, the page is copied, else it is reused.
 *
 * Invariants kept here (docs/copy-on-write.md; audit proves them):
 *  - a frame's count rises before the new entry can be seen;
 *  - an entry that allows a store, in a private region, maps a frame whose count is 1;
 *  - a reference is put only after the fence that ends the translations made from it.
 *
 * Not responsible for: which regions are shared (mm/fork.c), whether an access is allowed
 * (mm/fault.c), putting references at unmap and exit (mm/aspace.c: each entry owns one). */
#include "mm/cow.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/pt.h"

/* What the pages of one cow_share have in common. */
struct sharing {
    pte_t from_flags; /* for an entry of the giver that loses the right to write */
    pte_t to_flags;   /* for the entries of the receiver */
    bool downgraded;  /* did any entry of the giver lose that right? */
};

/* Share one page: `from` is the giver's entry, `to` the receiver's. The count first: once the
 * second entry is there, the giver must not find a count of 1 and reuse the frame as its own. The
 * giver is locked, so its entry keeps the frame meanwhile. */
static int share_page(pte_t *from, pte_t *to, struct sharing *sharing) {
    pte_t entry = pte_load(from);
    debug_assert(!pte_present(pte_load(to)));
    if (!pte_present(entry))
        return 0;
    paddr_t frame = pte_frame(entry);
    if (frame_get(frame) < 0)
        return -ENOMEM;
    if (pte_writable(entry)) {
        pte_store(from, pte_make(frame, sharing->from_flags));
        sharing->downgraded = true;
    }
    pte_store(to, pte_make(frame, sharing->to_flags));
    return 0;
}

/* Share n pages whose entries stand side by side, in one leaf table on either side. */
static int share_pages(pte_t *from, pte_t *to, size_t n, struct sharing *sharing) {
    int error = 0;
    for (size_t i = 0; i < n && !error; i++)
        error = share_page(&from[i], &to[i], sharing);
    return error;
}

/* What the contract says of either side. */
static void share_check(struct aspace *as, const struct region *region, vaddr_t va, size_t npages) {
    assert(lock_is_held(&as->lock));
    assert(va % PAGE_SIZE == 0 && npages > 0);
    assert(region && region->kind == REGION_KIND_PRIVATE);
    assert(region->start <= va && npages <= (region->end - va) >> PAGE_SHIFT);
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    const struct region *giver = aspace_find(from, from_va), *receiver = aspace_find(to, to_va);
    share_check(from, giver, from_va, npages);
    share_check(to, receiver, to_va, npages);
    struct sharing sharing = {.from_flags = pte_cow_flags(giver->rights),
                              .to_flags = pte_cow_flags(receiver->rights)};
    vaddr_t end = from_va + npages * PAGE_SIZE;
    uint64_t distance = to_va - from_va; /* modulo */
    struct stretch source;
    int error = 0;
    pte_publish(); /* the giver's last stores, for a receiver that runs already */
    for_each_stretch (source, &from->pt, from_va, end) {
        /* No further than one leaf table of the receiver goes either. */
        source.n = min_u64(source.n, pt_span(source.va + distance, end + distance));
        pte_t *target = pt_ensure(&to->pt, source.va + distance);
        error = target ? share_pages(source.entries, target, source.n, &sharing) : -ENOMEM;
        if (error)
            break;
    }
    /* Harts may still hold translations of `from` that allow a store, after a failure too. The
     * caller fences, once for a whole fork. `to` had no entries here, so nothing of it is stale. */
    if (sharing.downgraded)
        pt_fence_later(&from->pt, from_va, npages);
    return error;
}

/* Let the entry map another frame, and put the reference to the old one: hide, fence, show, put.
 * Until the fence a hart may read the old frame through a stale translation. So nobody may write
 * the new one yet, or the writer might not read it back; and a put might make the old frame
 * somebody else's page at once. */
static void replace_frame(struct aspace *as, vaddr_t va, pte_t *entry, pte_t value) {
    paddr_t old = pte_frame(pte_load(entry));
    pte_store(entry, 0);
    pt_fence(&as->pt, va, 1);
    pte_publish();
    pte_store(entry, value);
    frame_put(old);
}

static int resolve_by_copy(struct aspace *as, vaddr_t va, pte_t *entry, pte_t flags) {
    paddr_t copy = frame_alloc();
    if (copy == FRAME_NONE)
        return -ENOMEM;
    /* The bytes cannot change meanwhile: no entry that maps the old frame allows a store, and none
     * will while the count is above 1, as it is with our own reference and another. */
    memcpy(frame_address(copy), frame_address(pte_frame(pte_load(entry))), PAGE_SIZE);
    replace_frame(as, va, entry, pte_make(copy, flags));
    counter_add(&vm_counters.copies, 1);
    return 0;
}

static int resolve_by_zeros(struct aspace *as, vaddr_t va, pte_t *entry, pte_t flags) {
    paddr_t zeros = frame_alloc_zeroed();
    if (zeros == FRAME_NONE)
        return -ENOMEM;
    replace_frame(as, va, entry, pte_make(zeros, flags));
    counter_add(&vm_counters.zero_fills, 1);
    return 0;
}

int cow_resolve(struct aspace *as, vaddr_t va) {
    const struct region *region = aspace_find(as, va);
    assert(lock_is_held(&as->lock) && va % PAGE_SIZE == 0);
    assert(region && region->kind == REGION_KIND_PRIVATE);
    assert(region->rights & MAP_WRITE);
    pte_t *entry = pt_find(&as->pt, va), value = entry ? pte_load(entry) : 0;
    assert(pte_present(value) && !pte_writable(value));

    paddr_t frame = pte_frame(value);
    pte_t flags = pte_flags(region->rights);
    /* The zero frame is never ours alone: the kernel holds it, so its count is above 1. */
    if (frame_count(frame) > 1)
        return frame == zero_frame ? resolve_by_zeros(as, va, entry, flags)
                                   : resolve_by_copy(as, va, entry, flags);

    /* The last owner. Only sharing from an entry that maps the frame raises its count. Ours is the
     * only one, and to share from it needs the lock that we hold. So the count stays 1.
     * No fence: a stale translation only lacks a right, and a store through it faults again and
     * finds the entry as it should be. */
    pte_store(entry, pte_make(frame, flags));
    counter_add(&vm_counters.reuses, 1);
    return 0;
}
