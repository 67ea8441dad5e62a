/* An address space: a page table, and the ordered regions that say what it may hold.
 *
 * A region says what is meant: rights, private or shared. A page-table entry says what is there
 * now, and is the only owner of its frame. A page that no entry holds yet is made on demand, by
 * mm/fault.c. The chapter is docs/address-spaces.md.
 *
 * Every call below needs the address space locked, where it does not say otherwise. Ranges are
 * page-aligned. A call that fails has changed nothing. */
#pragma once

#include "lib/abi.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/lock.h"
#include "lib/types.h"
#include "mm/pt.h"

enum region_kind {
    REGION_KIND_PRIVATE = REGION_PRIVATE, /* copy-on-write after fork */
    REGION_KIND_SHARED = REGION_SHARED,   /* one memory across fork; every page present */
    REGION_KIND_DEVICE = REGION_DEVICE,   /* registers of a device: frames are not counted */
    REGION_KIND_GUARD = REGION_GUARD,     /* nothing, ever: keeps its addresses from use */
};

struct region {
    struct list link; /* in aspace.regions, by address */
    vaddr_t start;
    vaddr_t end;
    uint32_t rights; /* MAP_READ | MAP_WRITE | MAP_EXEC */
    enum region_kind kind;
    uint64_t memory;       /* shared: which memory it is, a number never used again; others: 0 */
    struct range resident; /* every page that is there lies in it; it may be larger than need be */
};

struct aspace {
    struct list link; /* in the list of all address spaces; guarded by that list's lock */

    struct lock lock; /* guards all below, and every leaf entry of the page table */
    struct page_table pt;
    struct list regions;
    struct region *last_found; /* where the last look-up ended; NULL: nowhere */
    vaddr_t heap_start;        /* the heap region is [heap_start, heap_end), absent when empty */
    vaddr_t heap_end;
};

/* ---- The whole of it ---- */

/* A new, empty address space, not locked.
 * returns: 0 and *result, or -ENOMEM */
must_check int aspace_create(struct aspace **result);

/* Give back every page, region and table.
 * needs:   not locked; no hart has it loaded, nobody else can reach it */
void aspace_destroy(struct aspace *as);

static inline void aspace_lock(struct aspace *as) { lock_acquire(&as->lock); }

/* needs: no fence is owed: nobody may meet the address space between a change and its fence */
static inline void aspace_unlock(struct aspace *as) {
    assert(!pt_fence_owed(&as->pt));
    lock_release(&as->lock);
}

/* Lock two in the order of their addresses. They may be the same one. */
void aspace_lock_two(struct aspace *a, struct aspace *b);
void aspace_unlock_two(struct aspace *a, struct aspace *b);

/* Call `visit` with each address space. For audit; none is locked, and the list's lock is taken. */
void aspace_visit_all(void (*visit)(struct aspace *as, void *context), void *context);

/* ---- Regions ---- */

/* The first region that ends above `va`, or NULL. */
struct region *aspace_find_from(struct aspace *as, vaddr_t va);

/* The region that holds `va`, or NULL. aspace_find looks at the last one that was found first. */
struct region *aspace_find_anew(struct aspace *as, vaddr_t va);

static inline struct region *aspace_find(struct aspace *as, vaddr_t va) {
    struct region *region = as->last_found;
    if (region && region->start <= va && va < region->end)
        return region;
    return aspace_find_anew(as, va);
}

/* Tell that pages in this part of the region may be there. Whoever makes an entry of the region
 * present says so. */
static inline void region_add_resident(struct region *region, struct range part) {
    bool first = range_empty(region->resident);
    if (range_empty(part))
        return;
    region->resident.start = first ? part.start : min_u64(region->resident.start, part.start);
    region->resident.end = first ? part.end : max_u64(region->resident.end, part.end);
}

/* What of [start, end) may have pages. A loop over the entries of a large and mostly empty region
 * looks no further. */
static inline struct range region_resident(const struct region *region, vaddr_t start,
                                           vaddr_t end) {
    return range_intersect(region->resident, (struct range){start, end});
}

/* How many pages are there now, in all regions. */
size_t aspace_resident_count(struct aspace *as);

/* ---- Map, unmap, protect ---- */

/* Add a region. Its pages are absent; those of a shared region are all made now, zeroed.
 * on failure: -EINVAL: not in the user half, empty, or write without read; -EEXIST: something is
 *          there already; -ENOMEM, at once where shared memory is larger than what is free */
must_check int aspace_map(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights,
                          enum region_kind kind);

/* As aspace_map for [start, end), but without pages whatever the kind. */
must_check int aspace_add_region(struct aspace *as, vaddr_t start, vaddr_t end, uint32_t rights,
                                 enum region_kind kind);

/* As aspace_map, for a device's registers at physical address `device`, which are not counted. */
must_check int aspace_map_device(struct aspace *as, vaddr_t start, paddr_t device, uint64_t nbytes,
                                 uint32_t rights);

/* As aspace_map, for a private region that shows the counted frames from `first` on, copy-on-write.
 * Each entry takes a reference of its own. */
must_check int aspace_map_frames(struct aspace *as, vaddr_t start, paddr_t first, uint64_t nbytes,
                                 uint32_t rights);

/* Find room for nbytes at or above USER_MAP_BASE.
 * returns: 0 and *start, or -ENOMEM when there is none */
must_check int aspace_find_room(struct aspace *as, uint64_t nbytes, vaddr_t *start);

/* Remove whatever lies in the range: pages, and the parts of regions. Holes are allowed.
 * on failure: -EINVAL: not in the user half; -ENOMEM: a hole in the middle of a region would cut
 *          it in two, and memory is full */
must_check int aspace_unmap(struct aspace *as, vaddr_t start, uint64_t nbytes);

/* Discard the pages of the range: they are absent again, and read as zeros.
 * needs:   the range lies in one private region */
void aspace_discard(struct aspace *as, vaddr_t start, size_t npages);

/* Give the range new rights.
 * on failure: -EINVAL, as aspace_map; -EACCES: a device or a guard is in it; -ENOMEM: it has a hole
 *          (as mprotect of POSIX says), or a region must be cut in two and memory is full */
must_check int aspace_protect(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights);

/* ---- Heap ---- */

/* Place the heap, still empty, at `start`. */
void aspace_init_heap(struct aspace *as, vaddr_t start);

/* Move the heap's end to `end`, rounded up to a page; 0 only asks.
 * returns: 0, and *now is the end in force, on failure too
 * on failure: -ENOMEM: no room, or memory is full; -EINVAL: below the heap's start */
must_check int aspace_set_heap(struct aspace *as, vaddr_t end, vaddr_t *now);
