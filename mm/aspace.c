/* Address spaces: regions, and the entries in them.
 *
 * The one idea: a region says what may be there; an entry is what is there, and owns one reference
 * to its frame. So who takes an address space apart needs to ask nobody: each entry that goes puts
 * its reference, and copy-on-write sees it by the count.
 *
 * Calls that can fail allocate first, and change nothing until nothing can fail any more. Not
 * responsible for: making pages on demand (fault.c), sharing them (cow.c, fork.c). */
#include "mm/aspace.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/cache.h"
#include "mm/pmm.h"

static struct cache aspace_cache = CACHE_INIT("address spaces", struct aspace);
static struct cache region_cache = CACHE_INIT("regions", struct region);

static struct lock spaces_lock = LOCK_INIT("list of address spaces", LOCK_RANK_SPACE_LIST);
static struct list spaces = {&spaces, &spaces};

/* ---- Create, lock, look up ---- */

int aspace_create(struct aspace **result) {
    struct aspace *as = cache_alloc(&aspace_cache);
    if (!as)
        return -ENOMEM;
    int error = pt_create(&as->pt);
    if (error) {
        cache_free(&aspace_cache, as);
        return error;
    }
    lock_init(&as->lock, "address space", LOCK_RANK_ADDRESS_SPACE);
    list_init(&as->regions);
    lock_acquire(&spaces_lock);
    list_push_back(&spaces, &as->link);
    lock_release(&spaces_lock);
    *result = as;
    return 0;
}

void aspace_visit_all(void (*visit)(struct aspace *as, void *context), void *context) {
    struct aspace *as;
    lock_acquire(&spaces_lock);
    list_for_each (as, &spaces, link)
        visit(as, context);
    lock_release(&spaces_lock);
}

void aspace_lock_two(struct aspace *a, struct aspace *b) {
    aspace_lock(a < b ? a : b);
    if (a != b)
        aspace_lock(a < b ? b : a);
}

void aspace_unlock_two(struct aspace *a, struct aspace *b) {
    aspace_unlock(a);
    if (a != b)
        aspace_unlock(b);
}

struct region *aspace_find_from(struct aspace *as, vaddr_t va) {
    struct region *region;
    list_for_each (region, &as->regions, link) {
        if (va < region->end)
            return region;
    }
    return NULL;
}

struct region *aspace_find_anew(struct aspace *as, vaddr_t va) {
    struct region *region = aspace_find_from(as, va);
    if (!region || va < region->start)
        return NULL;
    as->last_found = region;
    return region;
}

/* ---- Regions ---- */

static void region_free(struct aspace *as, struct region *region) {
    list_remove(&region->link);
    as->last_found = NULL;
    cache_free(&region_cache, region);
}

static bool range_valid(vaddr_t start, uint64_t nbytes) {
    return start % PAGE_SIZE == 0 && nbytes % PAGE_SIZE == 0 && nbytes > 0 && start < USER_END &&
           nbytes <= USER_END - start;
}

/* Sv39 reserves "write without read" (Privileged, 4.3.1). */
static bool rights_valid(uint32_t rights) {
    return !(rights & ~(uint32_t)MAP_RIGHTS) && (!(rights & MAP_WRITE) || (rights & MAP_READ));
}

int aspace_add_region(struct aspace *as, vaddr_t start, vaddr_t end, uint32_t rights,
                      enum region_kind kind) {
    assert(lock_is_held(&as->lock));
    if (end < start || !range_valid(start, end - start) || !rights_valid(rights))
        return -EINVAL;
    struct region *next = aspace_find_from(as, start);
    if (next && next->start < end)
        return -EEXIST;
    struct region *region = cache_alloc(&region_cache);
    if (!region)
        return -ENOMEM;
    *region = (struct region){.start = start, .end = end, .rights = rights, .kind = kind};
    list_insert_before(next ? &next->link : &as->regions, &region->link);
    return 0;
}

static bool regions_alike(const struct region *a, const struct region *b) {
    return a->end == b->start && a->rights == b->rights && a->kind == b->kind &&
           a->memory == b->memory;
}

/* Join the neighbours that meet in [start, end], where they are alike. */
static void join_regions(struct aspace *as, vaddr_t start, vaddr_t end) {
    struct region *region = aspace_find_from(as, start > 0 ? start - 1 : 0);
    while (region && region->link.next != &as->regions && region->end <= end) {
        struct region *next = list_entry(region->link.next, struct region, link);
        if (regions_alike(region, next)) {
            region->end = next->end;
            region_add_resident(region, next->resident);
            region_free(as, next);
        } else {
            region = next;
        }
    }
}

/* The region that a border at `va` would cut in two, or NULL. */
static struct region *region_cut_by(struct aspace *as, vaddr_t va) {
    struct region *region = aspace_find(as, va);
    return region && region->start < va ? region : NULL;
}

/* The region became smaller, and so what is resident of it. */
static void region_clip_resident(struct region *region) {
    region->resident = region_resident(region, region->start, region->end);
}

/* Cut a region in two. on failure: -ENOMEM: nothing changed */
static int region_split(struct region *low, vaddr_t border) {
    struct region *high = cache_alloc(&region_cache);
    if (!high)
        return -ENOMEM;
    *high = *low;
    high->start = low->end = border;
    region_clip_resident(low);
    region_clip_resident(high);
    list_insert_before(low->link.next, &high->link);
    return 0;
}

/* Make start and end borders of regions.
 * on failure: -ENOMEM: the regions are as before */
static int split_regions(struct aspace *as, vaddr_t start, vaddr_t end) {
    const vaddr_t borders[2] = {start, end};
    for (int i = 0; i < 2; i++) {
        struct region *low = region_cut_by(as, borders[i]);
        if (low && region_split(low, borders[i]) < 0) {
            join_regions(as, start, end);
            return -ENOMEM;
        }
    }
    return 0;
}

/* ---- Entries ---- */

size_t aspace_resident_count(struct aspace *as) {
    const struct region *region;
    struct stretch stretch;
    size_t resident = 0;
    list_for_each (region, &as->regions, link)
        for_each_stretch (stretch, &as->pt, region->resident.start, region->resident.end)
            for (size_t i = 0; i < stretch.n; i++)
                resident += pte_present(pte_load(&stretch.entries[i]));
    return resident;
}

/* Before the fence: no new translation can be made, but the frame's number stays. */
static void hide_entries(struct aspace *as, struct range part) {
    struct stretch stretch;
    for_each_stretch (stretch, &as->pt, part.start, part.end)
        for (size_t i = 0; i < stretch.n; i++)
            pte_store(&stretch.entries[i], pte_load(&stretch.entries[i]) & ~PTE_VALID);
}

static void put_entry(pte_t *entry) {
    pte_t value = pte_load(entry);
    if (value == 0)
        return;
    pte_store(entry, 0);
    frame_put(pte_frame(value));
}

/* After the fence, when no hart can translate by these entries any more: they go, and so do their
 * references. A device has none: nobody counts its registers. */
static void put_entries(struct aspace *as, struct range part, enum region_kind kind) {
    struct stretch stretch;
    for_each_stretch (stretch, &as->pt, part.start, part.end)
        for (size_t i = 0; i < stretch.n; i++)
            if (kind == REGION_KIND_DEVICE)
                pte_store(&stretch.entries[i], 0);
            else
                put_entry(&stretch.entries[i]);
}

/* Discard the pages of a part of a region, in an order that is safe while harts run in it: hide,
 * fence, put. */
static void discard_pages(struct aspace *as, const struct region *region, vaddr_t start,
                          vaddr_t end) {
    struct range part = region_resident(region, start, end);
    if (range_empty(part))
        return; /* no page was ever there */
    hide_entries(as, part);
    pt_fence(&as->pt, part.start, range_pages(part));
    put_entries(as, part, region->kind);
}

static void region_remove(struct aspace *as, struct region *region) {
    discard_pages(as, region, region->start, region->end);
    region_free(as, region);
}

void aspace_discard(struct aspace *as, vaddr_t start, size_t npages) {
    vaddr_t end = start + npages * PAGE_SIZE;
    const struct region *region = aspace_find(as, start);
    assert(lock_is_held(&as->lock));
    assert(region && region->kind == REGION_KIND_PRIVATE && end <= region->end);
    discard_pages(as, region, start, end);
}

void aspace_destroy(struct aspace *as) {
    lock_acquire(&spaces_lock);
    list_remove(&as->link);
    lock_release(&spaces_lock);
    aspace_lock(as);
    struct region *region;
    /* No fence: no hart has this page table loaded, and loading another one fenced. */
    while ((region = list_first(&as->regions, struct region, link))) {
        put_entries(as, region->resident, region->kind);
        region_free(as, region);
    }
    aspace_unlock(as);
    pt_destroy(&as->pt);
    cache_free(&aspace_cache, as);
}

/* ---- Map ---- */

/* The frame of page i of a new region; FRAME_NONE: out of memory. */
static paddr_t populating_frame(enum region_kind kind, paddr_t first, size_t i) {
    if (kind == REGION_KIND_SHARED)
        return frame_alloc_zeroed();
    paddr_t frame = first + i * PAGE_SIZE;
    if (kind == REGION_KIND_PRIVATE && frame_get(frame) < 0)
        return FRAME_NONE;
    return frame;
}

/* Make all pages of a new region. On failure the region is gone again. */
static int region_populate(struct aspace *as, vaddr_t start, paddr_t first) {
    struct region *region = aspace_find(as, start);
    bool private = region->kind == REGION_KIND_PRIVATE;
    pte_t flags = private ? pte_cow_flags(region->rights) : pte_flags(region->rights);
    for (vaddr_t va = region->start; va < region->end; va += PAGE_SIZE) {
        pte_t *entry = pt_ensure(&as->pt, va);
        paddr_t frame =
            entry ? populating_frame(region->kind, first, (va - start) >> PAGE_SHIFT) : FRAME_NONE;
        if (frame == FRAME_NONE && !(entry && region->kind == REGION_KIND_DEVICE)) {
            region_remove(as, region);
            return -ENOMEM;
        }
        pte_publish();
        pte_store(entry, pte_make(frame, flags));
        region_add_resident(region, (struct range){va, va + PAGE_SIZE});
    }
    return 0;
}

static int map_populated(struct aspace *as, vaddr_t start, paddr_t first, uint64_t nbytes,
                         uint32_t rights, enum region_kind kind) {
    if (!range_valid(start, nbytes))
        return -EINVAL;
    int error = aspace_add_region(as, start, start + nbytes, rights, kind);
    if (!error)
        error = region_populate(as, start, first);
    if (!error && (rights & MAP_EXEC))
        pt_text_changed(&as->pt);
    return error;
}

/* Memory that others will share: all of it is made now, and it gets a number of its own. */
static int map_shared(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights) {
    static _Atomic uint64_t last_memory;
    if (nbytes >> PAGE_SHIFT > frame_free_count())
        return -ENOMEM; /* at once, before others find no frame */
    int error = map_populated(as, start, FRAME_NONE, nbytes, rights, REGION_KIND_SHARED);
    if (!error)
        aspace_find(as, start)->memory =
            atomic_fetch_add_explicit(&last_memory, 1, memory_order_relaxed) + 1;
    return error;
}

int aspace_map(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights,
               enum region_kind kind) {
    if (!range_valid(start, nbytes))
        return -EINVAL;
    int error = kind == REGION_KIND_SHARED
                    ? map_shared(as, start, nbytes, rights)
                    : aspace_add_region(as, start, start + nbytes, rights, kind);
    if (!error)
        join_regions(as, start, start + nbytes);
    return error;
}

int aspace_map_device(struct aspace *as, vaddr_t start, paddr_t device, uint64_t nbytes,
                      uint32_t rights) {
    return map_populated(as, start, device, nbytes, rights, REGION_KIND_DEVICE);
}

int aspace_map_frames(struct aspace *as, vaddr_t start, paddr_t first, uint64_t nbytes,
                      uint32_t rights) {
    return map_populated(as, start, first, nbytes, rights, REGION_KIND_PRIVATE);
}

int aspace_find_room(struct aspace *as, uint64_t nbytes, vaddr_t *start) {
    assert(lock_is_held(&as->lock));
    vaddr_t va = USER_MAP_BASE;
    const struct region *region;
    list_for_each (region, &as->regions, link) {
        if (region->end <= va)
            continue;
        if (region->start > va && region->start - va >= nbytes)
            break;
        va = region->end;
    }
    if (va >= USER_END || nbytes > USER_END - va)
        return -ENOMEM;
    *start = va;
    return 0;
}

/* ---- Unmap and protect ---- */

/* Take away what of the region lies in [start, end), which does not leave a part on either side. */
static void region_trim(struct aspace *as, struct region *region, vaddr_t start, vaddr_t end) {
    start = max_u64(start, region->start);
    end = min_u64(end, region->end);
    discard_pages(as, region, start, end);
    if (start == region->start && end == region->end) {
        region_free(as, region);
        return;
    }
    if (start == region->start)
        region->start = end;
    else
        region->end = start;
    region_clip_resident(region);
}

int aspace_unmap(struct aspace *as, vaddr_t start, uint64_t nbytes) {
    assert(lock_is_held(&as->lock));
    if (!range_valid(start, nbytes))
        return -EINVAL;
    vaddr_t end = start + nbytes;
    struct region *region = aspace_find(as, start);
    /* A hole in the middle is the one case that needs memory. */
    if (region && region->start < start && end < region->end && region_split(region, end) < 0)
        return -ENOMEM;
    while ((region = aspace_find_from(as, start)) && region->start < end)
        region_trim(as, region, start, end);
    return 0;
}

/* Give each page that is there the region's rights. But a private page that lacks the right to
 * write may have other owners: only cow_resolve gives it that right. */
static void protect_entries(struct aspace *as, const struct region *region) {
    bool private = region->kind == REGION_KIND_PRIVATE;
    struct stretch stretch;
    for_each_stretch (stretch, &as->pt, region->resident.start, region->resident.end)
        for (size_t i = 0; i < stretch.n; i++) {
            pte_t entry = pte_load(&stretch.entries[i]);
            if (!pte_present(entry))
                continue;
            bool cow = private && !pte_writable(entry);
            pte_t flags = cow ? pte_cow_flags(region->rights) : pte_flags(region->rights);
            pte_store(&stretch.entries[i], pte_make(pte_frame(entry), flags));
        }
}

/* Is every byte of the range in a region whose rights may be changed? */
static int protect_check(struct aspace *as, vaddr_t start, vaddr_t end) {
    vaddr_t va = start;
    while (va < end) {
        const struct region *region = aspace_find(as, va);
        if (!region)
            return -ENOMEM;
        if (region->kind == REGION_KIND_DEVICE || region->kind == REGION_KIND_GUARD)
            return -EACCES;
        va = region->end;
    }
    return 0;
}

int aspace_protect(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights) {
    assert(lock_is_held(&as->lock));
    if (!range_valid(start, nbytes) || !rights_valid(rights))
        return -EINVAL;
    vaddr_t end = start + nbytes;
    int error = protect_check(as, start, end);
    if (!error)
        error = split_regions(as, start, end);
    if (error)
        return error;
    struct region *region;
    for (vaddr_t va = start; va < end; va = region->end) {
        region = aspace_find(as, va);
        region->rights = rights;
        protect_entries(as, region);
    }
    pt_fence(&as->pt, start, nbytes >> PAGE_SHIFT);
    if (rights & MAP_EXEC)
        pt_text_changed(&as->pt);
    join_regions(as, start, end);
    return 0;
}

/* ---- Heap ---- */

void aspace_init_heap(struct aspace *as, vaddr_t start) {
    assert(start % PAGE_SIZE == 0);
    as->heap_start = as->heap_end = start;
}

int aspace_set_heap(struct aspace *as, vaddr_t end, vaddr_t *now) {
    assert(lock_is_held(&as->lock));
    *now = as->heap_end;
    if (end == 0)
        return 0;
    if (end < as->heap_start || end > USER_MAP_BASE)
        return end < as->heap_start ? -EINVAL : -ENOMEM;
    end = page_round_up(end);
    int error = 0;
    if (end > as->heap_end)
        error = aspace_map(as, as->heap_end, end - as->heap_end, MAP_READ | MAP_WRITE,
                           REGION_KIND_PRIVATE);
    else if (end < as->heap_end)
        error = aspace_unmap(as, end, as->heap_end - end);
    if (error)
        return -ENOMEM;
    *now = as->heap_end = end;
    return 0;
}
