/* Lab 3: last owner and zero page. docs/labs/3.md is the handout.
 *
 * Your part is cow_resolve: here it copies always. Let the last owner keep the frame, and give
 * zeros for the zero frame without reading it.
 *
 * Until you change it, cow_share copies every page at once, so the system boots to its shell. */
#include "mm/cow.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/pt.h"

/* Nobody writes the giver's pages from here on until it is unlocked. */
static void freeze(struct aspace *as, const struct region *region, vaddr_t start, size_t npages) {
    for (size_t i = 0; i < npages; i++) {
        pte_t *entry = pt_find(&as->pt, start + i * PAGE_SIZE);
        if (entry && pte_present(pte_load(entry)))
            pte_store(entry, pte_make(pte_frame(pte_load(entry)), pte_cow_flags(region->rights)));
    }
    pt_fence(&as->pt, start, npages);
}

/* A frame with the same bytes, or FRAME_NONE. */
static paddr_t copy_frame(paddr_t frame) {
    paddr_t copy = frame_alloc();
    if (copy != FRAME_NONE)
        memcpy(frame_address(copy), frame_address(frame), PAGE_SIZE);
    return copy;
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    const struct region *region = aspace_find(to, to_va);
    assert(region && region->kind == REGION_KIND_PRIVATE);
    freeze(from, aspace_find(from, from_va), from_va, npages);
    for (size_t i = 0; i < npages; i++) {
        const pte_t *source = pt_find(&from->pt, from_va + i * PAGE_SIZE);
        if (!source || !pte_present(pte_load(source)))
            continue;
        pte_t *target = pt_ensure(&to->pt, to_va + i * PAGE_SIZE);
        paddr_t copy = target ? copy_frame(pte_frame(pte_load(source))) : FRAME_NONE;
        if (copy == FRAME_NONE)
            return -ENOMEM;
        pte_publish();
        pte_store(target, pte_make(copy, pte_flags(region->rights)));
    }
    return 0;
}

/* Met by pages that were frozen or protected, and by pages that map the zero frame or a frame that
 * the kernel holds too. The order of the last steps is that of mm/cow.c, for the same reasons. */
int cow_resolve(struct aspace *as, vaddr_t va) {
    pte_t flags = pte_flags(aspace_find(as, va)->rights);
    pte_t *entry = pt_find(&as->pt, va);
    paddr_t old = pte_frame(pte_load(entry));
    paddr_t copy = copy_frame(old);
    if (copy == FRAME_NONE)
        return -ENOMEM;
    pte_store(entry, 0);
    pt_fence(&as->pt, va, 1);
    pte_publish();
    pte_store(entry, pte_make(copy, flags));
    frame_put(old);
    counter_add(&vm_counters.copies, 1);
    return 0;
}
