/* The resolver: decides what an access to user memory means, and calls who settles it.
 *
 *   case                                        action
 *   ------------------------------------------  -------------------------------------------
 *   no region                                   -EFAULT
 *   the region forbids it                       -EACCES
 *   the entry is absent: a store                a zeroed frame
 *   the entry is absent: a read or a fetch      the zero frame, never writable
 *   a store, private, the entry not writable    cow_resolve
 *   a store, shared, the entry not writable     the right to write comes back (mprotect)
 *   the entry already allows it                 spurious: fence, 0
 *
 * The region is asked before the entry, always: only it knows what the page is meant to be. */
#include "mm/fault.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/counters.h"
#include "mm/cow.h"
#include "mm/pmm.h"

/* Nothing is there yet: make the page. A private region only; shared ones are filled when made. */
__attribute__((noinline)) static int fault_absent(struct aspace *as, struct region *region,
                                                  vaddr_t va, enum access access) {
    assert(region->kind == REGION_KIND_PRIVATE);
    pte_t *entry = pt_ensure(&as->pt, va);
    if (!entry)
        return -ENOMEM;
    if (access == ACCESS_WRITE) {
        paddr_t frame = frame_alloc_zeroed();
        if (frame == FRAME_NONE)
            return -ENOMEM;
        pte_publish();
        pte_store(entry, pte_make(frame, region->rights));
        counter_add(&vm_counters.zero_fills, 1);
    } else {
        if (frame_get(zero_frame) < 0)
            return -ENOMEM;
        pte_t mark = (region->rights & MAP_WRITE) ? PTE_COW : 0;
        pte_store(entry, pte_make(zero_frame, region->rights & ~(uint32_t)MAP_WRITE) | mark);
        counter_add(&vm_counters.zero_maps, 1);
    }
    region_filled(region, page_round_down(va), page_round_down(va) + PAGE_SIZE);
    /* From absent to present needs no fence: an absent entry is not cached, and where a machine
     * does so, the access faults once more and is spurious (Privileged, 4.2.1). */
    return 0;
}

/* A page is there: does its entry allow the access, and if not, what would make it? */
static int fault_present(struct aspace *as, const struct region *region, vaddr_t va, pte_t *entry,
                         pte_t value, enum access access) {
    if (access == ACCESS_WRITE && !pte_writable(value)) {
        if (region->kind == REGION_KIND_PRIVATE)
            return cow_resolve(as, page_round_down(va));
        pte_store(entry, pte_make(pte_frame(value), region->rights));
        return 0;
    }
    counter_add(&vm_counters.spurious, 1);
    pt_fence(&as->pt, va, 1);
    return 0;
}

/* Does the entry, as it stands, allow the access? For callers that are not a trap. */
static bool entry_allows(pte_t value, enum access access) {
    return pte_present(value) && (access != ACCESS_WRITE || pte_writable(value));
}

static int fault_decide(struct aspace *as, vaddr_t va, enum access access, struct region **result) {
    struct region *region = aspace_find(as, va);
    *result = region;
    if (!region)
        return -EFAULT;
    if (!(region->rights & access))
        return -EACCES;
    return 0;
}

/* Make the entry allow the access. => the region allows it; entry NULL: no table is there either */
static int fault_settle(struct aspace *as, struct region *region, vaddr_t va, pte_t *entry,
                        enum access access) {
    pte_t value = entry ? pte_load(entry) : 0;
    return pte_present(value) ? fault_present(as, region, va, entry, value, access)
                              : fault_absent(as, region, va, access);
}

int vm_fault(struct aspace *as, vaddr_t va, enum access access) {
    struct region *region;
    aspace_lock(as);
    int error = fault_decide(as, va, access, &region);
    if (!error)
        error = fault_settle(as, region, va, pt_find(&as->pt, va), access);
    aspace_unlock(as);
    if (error)
        counter_add(&vm_counters.refused, 1);
    return error;
}

int vm_fault_locked(struct aspace *as, vaddr_t va, enum access access, paddr_t *frame) {
    assert(lock_is_held(&as->lock));
    struct region *region;
    int error = fault_decide(as, va, access, &region);
    if (error)
        return error;
    if (region->kind == REGION_KIND_DEVICE)
        return -EFAULT;
    pte_t *entry = pt_find(&as->pt, va);
    if (!entry || !entry_allows(pte_load(entry), access)) {
        error = fault_settle(as, region, va, entry, access);
        if (error)
            return error;
        entry = pt_find(&as->pt, va);
    }
    *frame = pte_frame(pte_load(entry));
    return 0;
}
