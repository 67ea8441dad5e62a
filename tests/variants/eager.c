/* Eager copying behind the copy-on-write seam: share copies every page at once, and resolve has
 * next to nothing left to do. It keeps the contract of mm/cow.h but for "without a copy". */
#include "mm/cow.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/pt.h"

static int copy_page(pte_t from, pte_t *to, uint32_t rights) {
    paddr_t copy = frame_alloc();
    if (copy == FRAME_NONE)
        return -ENOMEM;
    memcpy(frame_address(copy), frame_address(pte_frame(from)), PAGE_SIZE);
    pte_store(to, pte_make(copy, pte_flags(rights)));
    return 0;
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    struct region *region = aspace_find(to, to_va);
    assert(region && region->kind == REGION_KIND_PRIVATE);
    region_filled(region, to_va, to_va + npages * PAGE_SIZE);
    for (size_t i = 0; i < npages; i++) {
        const pte_t *source = pt_find(&from->pt, from_va + i * PAGE_SIZE);
        if (!source || !pte_present(pte_load(source)))
            continue;
        pte_t *target = pt_ensure(&to->pt, to_va + i * PAGE_SIZE);
        if (!target || copy_page(pte_load(source), target, region->rights) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Met by pages that share the zero frame, and by pages that lost the right to write in protect. */
int cow_resolve(struct aspace *as, vaddr_t va) {
    const struct region *region = aspace_find(as, va);
    pte_t *entry = pt_find(&as->pt, va);
    paddr_t old = pte_frame(pte_load(entry));
    if (frame_count(old) == 1) {
        pte_store(entry, pte_make(old, pte_flags(region->rights)));
        return 0;
    }
    int error = copy_page(pte_load(entry), entry, region->rights);
    if (error)
        return error;
    pt_fence(&as->pt, va, 1);
    frame_put(old);
    return 0;
}
