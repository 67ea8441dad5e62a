/* Fork: a second address space with the same regions and the same bytes.
 *
 * The one idea: all or nothing. The child is built beside the parent, region by region; whatever
 * fails, the child is destroyed, and its entries give back the references they took. The parent may
 * be left with marked pages that nobody shares: the resolver takes them back without a copy. */
#include "mm/fork.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/cow.h"
#include "mm/pmm.h"

/* Repeat the entries of a shared or a device region: the same frames, the same rights. The right
 * to write stays, since both sides are meant to see each other's stores. */
static int alias_region(struct aspace *parent, struct aspace *child, const struct region *region) {
    size_t n;
    struct region *copy = aspace_find(child, region->start);
    copy->filled_start = region->filled_start;
    copy->filled_end = region->filled_end;
    copy->memory = region->memory;
    for (vaddr_t va = region->filled_start; va < region->filled_end; va += n * PAGE_SIZE) {
        n = pt_span(va, region->filled_end);
        pte_t *from = pt_find(&parent->pt, va);
        if (!from)
            continue;
        pte_t *to = pt_ensure(&child->pt, va);
        if (!to)
            return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
            pte_t entry = pte_load(&from[i]);
            if (!pte_present(entry))
                continue;
            if (region->kind == REGION_KIND_SHARED && frame_get(pte_frame(entry)) < 0)
                return -ENOMEM;
            pte_store(&to[i], entry);
        }
    }
    return 0;
}

static int fork_region(struct aspace *parent, struct aspace *child, const struct region *region) {
    int error = aspace_add_region(child, region->start, region->end, region->rights, region->kind);
    if (error)
        return error;
    switch (region->kind) {
    case REGION_KIND_PRIVATE:
        return cow_share(parent, region->start, child, region->start,
                         (region->end - region->start) >> PAGE_SHIFT);
    case REGION_KIND_SHARED:
    case REGION_KIND_DEVICE:
        return alias_region(parent, child, region);
    case REGION_KIND_GUARD:
        return 0;
    }
    panic("region of kind %d", region->kind);
}

/* => both locked */
static int fork_regions(struct aspace *parent, struct aspace *child) {
    const struct region *region;
    list_for_each (region, &parent->regions, link) {
        int error = fork_region(parent, child, region);
        if (error)
            return error;
    }
    child->heap_start = parent->heap_start;
    child->heap_end = parent->heap_end;
    return 0;
}

int vm_fork(struct aspace *parent, struct aspace **result) {
    struct aspace *child;
    int error = aspace_create(&child);
    if (error)
        return error;
    aspace_lock_two(parent, child);
    error = fork_regions(parent, child);
    /* Unlocking the parent fences: from here on no hart writes a shared page. */
    aspace_unlock_two(parent, child);
    if (error) {
        aspace_destroy(child);
        return error;
    }
    *result = child;
    return 0;
}
