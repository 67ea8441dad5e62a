/* The page fault handler: decides what an access to user memory means, and does what it needs.
 *
 *   case                                        action
 *   ------------------------------------------  -------------------------------------------
 *   no region                                   -EFAULT
 *   the region forbids it                       -EACCES
 *   the entry is absent: a store                a zeroed frame
 *   the entry is absent: a read or a fetch      the zero frame, never writable
 *   a store, private, the entry not writable    cow_resolve
 *   the entry already allows it                 spurious: fence, 0
 *
 * The region is asked before the entry, always: only it knows what the page is meant to be. */
#include "mm/fault.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/counters.h"
#include "mm/cow.h"
#include "mm/pmm.h"

/* A store to an absent page: a frame of its own. */
static int fill_with_zeros(const struct region *region, pte_t *entry) {
    paddr_t frame = frame_alloc_zeroed();
    if (frame == FRAME_NONE)
        return -ENOMEM;
    pte_publish();
    pte_store(entry, pte_make(frame, pte_flags(region->rights)));
    counter_add(&vm_counters.zero_fills, 1);
    return 0;
}

/* A read or a fetch of an absent page: the frame of zeros, which nobody writes. */
static int map_zero_frame(const struct region *region, pte_t *entry) {
    if (frame_get(zero_frame) < 0)
        return -ENOMEM;
    pte_store(entry, pte_make(zero_frame, pte_cow_flags(region->rights)));
    counter_add(&vm_counters.zero_maps, 1);
    return 0;
}

/* The page is absent. Only private regions have such pages; others are populated when made. */
static int fault_absent(struct region *region, vaddr_t va, pte_t *entry, enum access access) {
    assert(region->kind == REGION_KIND_PRIVATE);
    vaddr_t page = page_round_down(va);
    region_add_resident(region, (struct range){page, page + PAGE_SIZE});
    /* From absent to present needs no fence: an absent entry is not cached, and where a machine
     * does so, the access faults once more and is spurious (Privileged, 4.2.1). */
    return access == ACCESS_WRITE ? fill_with_zeros(region, entry) : map_zero_frame(region, entry);
}

/* The table at the top of this file. */
/* A page that is written and executed has another frame now, which may have been somebody's text.
 * (The zero frame never was any.) */
static int fault_text(struct aspace *as, const struct region *region, enum access access,
                      int error) {
    if (!error && access == ACCESS_WRITE && (region->rights & MAP_EXEC))
        pt_text_changed(&as->pt);
    return error;
}

static int fault_handle(struct aspace *as, vaddr_t va, enum access access) {
    struct region *region = aspace_find(as, va);
    if (!region)
        return -EFAULT;
    if (!(region->rights & access))
        return -EACCES;
    pte_t *entry = pt_ensure(&as->pt, va);
    if (!entry)
        return -ENOMEM;
    if (!pte_present(pte_load(entry)))
        return fault_text(as, region, access, fault_absent(region, va, entry, access));
    if (access == ACCESS_WRITE && !pte_writable(pte_load(entry)))
        return fault_text(as, region, access, cow_resolve(as, page_round_down(va)));
    counter_add(&vm_counters.spurious, 1);
    pt_fence(&as->pt, va, 1);
    return 0;
}

int vm_fault(struct aspace *as, vaddr_t va, enum access access) {
    aspace_lock(as);
    int error = fault_handle(as, va, access);
    aspace_unlock(as);
    if (error)
        counter_add(&vm_counters.refused, 1);
    return error;
}

/* Does the entry, as it stands, allow the access? For callers that are not a trap. */
static bool entry_allows(const pte_t *entry, enum access access) {
    return entry && pte_present(pte_load(entry)) &&
           (access != ACCESS_WRITE || pte_writable(pte_load(entry)));
}

int vm_fault_locked(struct aspace *as, vaddr_t va, enum access access, paddr_t *frame) {
    assert(lock_is_held(&as->lock));
    const struct region *region = aspace_find(as, va);
    if (!region || region->kind == REGION_KIND_DEVICE)
        return -EFAULT;
    const pte_t *entry = pt_find(&as->pt, va);
    if (!(region->rights & access) || !entry_allows(entry, access)) {
        int error = fault_handle(as, va, access);
        if (error)
            return error;
        entry = pt_find(&as->pt, va);
    }
    *frame = pte_frame(pte_load(entry));
    return 0;
}
