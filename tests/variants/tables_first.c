/* Allocates, then commits: a first pass makes all tables of the receiver, a second takes rights
 * from the giver, a third makes the entries. */
#include "mm/cow.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/pt.h"

static pte_t *present_entry(struct aspace *as, vaddr_t va) {
    pte_t *entry = pt_find(&as->pt, va);
    return entry && pte_present(pte_load(entry)) ? entry : NULL;
}

static int make_tables(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
                       size_t npages) {
    for (size_t i = 0; i < npages; i++)
        if (present_entry(from, from_va + i * PAGE_SIZE) &&
            !pt_ensure(&to->pt, to_va + i * PAGE_SIZE))
            return -ENOMEM;
    return 0;
}

static void take_rights(struct aspace *from, vaddr_t va, size_t npages) {
    pte_t flags = pte_cow_flags(aspace_find(from, va)->rights);
    for (size_t i = 0; i < npages; i++) {
        pte_t *entry = present_entry(from, va + i * PAGE_SIZE);
        if (entry && pte_writable(pte_load(entry)))
            pte_store(entry, pte_make(pte_frame(pte_load(entry)), flags));
    }
    pt_fence(&from->pt, va, npages);
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    pte_t flags = pte_cow_flags(aspace_find(to, to_va)->rights);
    if (make_tables(from, from_va, to, to_va, npages) < 0)
        return -ENOMEM;
    take_rights(from, from_va, npages);
    pte_publish();
    for (size_t i = 0; i < npages; i++) {
        const pte_t *entry = present_entry(from, from_va + i * PAGE_SIZE);
        if (!entry)
            continue;
        if (frame_get(pte_frame(pte_load(entry))) < 0)
            return -ENOMEM;
        pte_store(pt_find(&to->pt, to_va + i * PAGE_SIZE),
                  pte_make(pte_frame(pte_load(entry)), flags));
    }
    return 0;
}

/* A frame with the same bytes, or FRAME_NONE. */
static paddr_t copy_of(paddr_t frame) {
    paddr_t copy = frame_alloc();
    if (copy != FRAME_NONE)
        memcpy(frame_address(copy), frame_address(frame), PAGE_SIZE);
    return copy;
}

/* Hide, fence, show, put. */
static void replace(struct aspace *as, vaddr_t va, pte_t *entry, pte_t value) {
    paddr_t old = pte_frame(pte_load(entry));
    pte_store(entry, 0);
    pt_fence(&as->pt, va, 1);
    pte_publish();
    pte_store(entry, value);
    frame_put(old);
}

int cow_resolve(struct aspace *as, vaddr_t va) {
    pte_t flags = pte_flags(aspace_find(as, va)->rights);
    pte_t *entry = pt_find(&as->pt, va);
    paddr_t old = pte_frame(pte_load(entry));
    if (frame_count(old) == 1) {
        pte_store(entry, pte_make(old, flags));
        return 0;
    }
    paddr_t copy = copy_of(old);
    if (copy == FRAME_NONE)
        return -ENOMEM;
    replace(as, va, entry, pte_make(copy, flags));
    return 0;
}
