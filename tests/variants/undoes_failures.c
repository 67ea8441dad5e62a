/* What a share has made before it fails, it takes back: hide, fence, put. */
#include "mm/cow.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/pt.h"

/* => 1 when the giver lost the right to write, 0 when not, or a negative errno */
static int share_page(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va) {
    pte_t *source = pt_find(&from->pt, from_va);
    if (!source || !pte_present(pte_load(source)))
        return 0;
    pte_t *target = pt_ensure(&to->pt, to_va), entry = pte_load(source);
    if (!target || frame_get(pte_frame(entry)) < 0)
        return -ENOMEM;
    if (pte_writable(entry))
        pte_store(source,
                  pte_make(pte_frame(entry), pte_cow_flags(aspace_find(from, from_va)->rights)));
    pte_publish();
    pte_store(target, pte_make(pte_frame(entry), pte_cow_flags(aspace_find(to, to_va)->rights)));
    return pte_writable(entry);
}

static void take_back(struct aspace *to, vaddr_t va, size_t npages) {
    for (size_t i = 0; i < npages; i++) {
        pte_t *entry = pt_find(&to->pt, va + i * PAGE_SIZE);
        if (!entry || !pte_present(pte_load(entry)))
            continue;
        paddr_t frame = pte_frame(pte_load(entry));
        pte_store(entry, 0);
        pt_fence(&to->pt, va + i * PAGE_SIZE, 1);
        frame_put(frame);
    }
}

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    for (size_t i = 0; i < npages; i++) {
        int lost = share_page(from, from_va + i * PAGE_SIZE, to, to_va + i * PAGE_SIZE);
        if (lost < 0)
            return take_back(to, to_va, i), lost;
        if (lost > 0)
            pt_fence_later(&from->pt, from_va + i * PAGE_SIZE, 1);
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
