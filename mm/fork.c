/* Fork: a second address space with the same regions and the same bytes.
 *
 * The one idea: all or nothing. The child is built beside the parent, region by region. Whatever
 * fails, the child is destroyed, and each of its entries puts its reference. The parent may be left
 * with pages that are marked COW and that nobody shares: cow_resolve reuses them. */
#include "mm/fork.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/cow.h"
#include "mm/pmm.h"

/* Repeat the entries of a shared or a device region: the same frames, the same rights. The right
 * to write stays, since both sides are meant to see each other's stores. */
static int alias_region(struct aspace *parent, struct aspace *child, const struct region *region) {
    struct stretch from;
    for_each_stretch (from, &parent->pt, region->resident.start, region->resident.end) {
        pte_t *to = pt_ensure(&child->pt, from.va);
        if (!to)
            return -ENOMEM;
        for (size_t i = 0; i < from.n; i++) {
            pte_t entry = pte_load(&from.entries[i]);
            if (!pte_present(entry))
                continue;
            if (region->kind == REGION_KIND_SHARED && frame_get(pte_frame(entry)) < 0)
                return -ENOMEM;
            pte_store(&to[i], entry);
        }
    }
    return 0;
}

/* The pages of the region, for the child's copy of it. */
static int fork_pages(struct aspace *parent, struct aspace *child, const struct region *region) {
    struct range part = region->resident;
    if (range_empty(part))
        return 0;
    if (region->kind != REGION_KIND_PRIVATE)
        return alias_region(parent, child, region);
    return cow_share(parent, part.start, child, part.start, range_pages(part));
}

static int fork_region(struct aspace *parent, struct aspace *child, const struct region *region) {
    int error = aspace_add_region(child, region->start, region->end, region->rights, region->kind);
    if (error)
        return error;
    struct region *copy = aspace_find(child, region->start);
    copy->memory = region->memory;
    copy->resident = region->resident; /* first: when the fork fails, destroying looks there */
    return fork_pages(parent, child, region);
}

/* needs: both locked */
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
    /* The fence of the whole fork, after a failure too: from here on no hart writes a shared page
     * by an older translation. Both sides are locked until then, so nobody meets such a page. */
    pt_fence_flush(&parent->pt);
    pt_text_inherit(&child->pt, &parent->pt);
    aspace_unlock_two(parent, child);
    if (error) {
        aspace_destroy(child);
        return error;
    }
    *result = child;
    return 0;
}
