/* Audit: recompute every count from the page tables, and hold every entry against its region.
 *
 * The one idea: a second table of counts, made from nothing but what is there (entries, tables,
 * slabs, the kernel's holds), must equal the one that the kernel kept. It runs in two passes:
 * count and check the entries of all address spaces, then compare frame by frame. */
#include "mm/audit.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/aspace.h"
#include "mm/cache.h"
#include "mm/pmm.h"

#ifdef BYRE_DEBUG

struct audit {
    int violations;
};

static void expect_reference(paddr_t frame, void *context) {
    (void)context;
    frame_entry(frame)->expected++;
}

static void complain(struct audit *audit, const char *rule, vaddr_t va, pte_t entry,
                     const char *found) {
    print("audit: %s: page %#lx, entry %#lx: %s\n", rule, (unsigned long)va, (unsigned long)entry,
          found);
    audit->violations++;
}

/* Invariants 2 and 3 for one present entry. */
static void check_entry(struct audit *audit, const struct region *region, vaddr_t va, pte_t entry) {
    pte_t allowed = pte_flags(region->rights) | PTE_COW;
    bool private = region->kind == REGION_KIND_PRIVATE;
    paddr_t frame = pte_frame(entry);
    if (pte_make(frame, pte_flags(0)) != (entry & ~(PTE_RIGHTS | PTE_COW)))
        complain(audit, "3 format", va, entry, "bits that no leaf of ours has");
    if (entry & ~pte_make(frame, allowed))
        complain(audit, "3 rights", va, entry, "more rights than its region");
    if (pte_cow(entry) && (pte_writable(entry) || !private || !(region->rights & MAP_WRITE)))
        complain(audit, "3 COW", va, entry, "marked COW where that has no meaning");
    if (private && !pte_writable(entry) && (region->rights & MAP_WRITE) && !pte_cow(entry))
        complain(audit, "3 COW", va, entry, "its region may be written, and it is not marked COW");
    if (private && pte_writable(entry) && frame_count(frame) != 1)
        complain(audit, "2 sole owner", va, entry, "writable, and its frame's count is not 1");
    if (frame == zero_frame && pte_writable(entry))
        complain(audit, "2 zero frame", va, entry, "the zero frame is writable");
}

static size_t check_region(struct audit *audit, struct aspace *as, const struct region *region) {
    struct stretch stretch;
    size_t present = 0;
    for_each_stretch (stretch, &as->pt, region->start, region->end)
        for (size_t i = 0; i < stretch.n; i++) {
            pte_t entry = pte_load(&stretch.entries[i]);
            if (!pte_present(entry))
                continue;
            present++;
            if (region->kind == REGION_KIND_DEVICE)
                continue;
            check_entry(audit, region, stretch.va + i * PAGE_SIZE, entry);
            expect_reference(pte_frame(entry), audit);
        }
    return present;
}

struct table_sum {
    struct audit *audit;
    size_t entries; /* leaves for user mode: those of the kernel's half lack the bit */
};

static void visit_table(paddr_t table, void *context) {
    struct table_sum *sum = context;
    const pte_t *entries = frame_address(table);
    expect_reference(table, sum->audit);
    for (size_t i = 0; i < PT_ENTRIES; i++)
        sum->entries += (pte_load(&entries[i]) & PTE_USER) != 0;
}

/* Every entry lies in a region: the entries found by region are all that the tables hold. */
static void check_aspace(struct aspace *as, void *context) {
    struct audit *audit = context;
    const struct region *region;
    size_t present = 0;
    vaddr_t end = 0;
    aspace_lock(as);
    list_for_each (region, &as->regions, link) {
        if (region->start < end || region->end <= region->start)
            complain(audit, "regions in order", region->start, 0, "overlaps the one before");
        end = region->end;
        present += check_region(audit, as, region);
    }
    struct table_sum sum = {.audit = audit};
    pt_visit_tables(&as->pt, visit_table, &sum);
    if (present != sum.entries || present != aspace_resident_count(as))
        complain(audit, "3 entries lie in regions", 0, present, "not as many as the tables hold");
    aspace_unlock(as);
}

static void check_counts(struct audit *audit) {
    size_t free = 0;
    struct range all = frame_range();
    for (paddr_t frame = all.start; frame < all.end; frame += PAGE_SIZE) {
        uint32_t expected = frame_entry(frame)->expected;
        free += frame_count(frame) == 0;
        if (frame_count(frame) == expected)
            continue;
        print("audit: 1 count: frame %#lx: expected %u, found %u\n", (unsigned long)frame, expected,
              frame_count(frame));
        audit->violations++;
    }
    if (frame_free_count() != free)
        complain(audit, "5 free frames", 0, frame_free_count(), "not the frames with count 0");
}

/* Start from what the kernel holds by itself. */
static void expect_kernel_holds(void) {
    struct range all = frame_range();
    for (paddr_t frame = all.start; frame < all.end; frame += PAGE_SIZE)
        frame_entry(frame)->expected = frame_is_held(frame) ? 1 : 0;
}

int audit_run(void) {
    struct audit audit = {0};
    expect_kernel_holds();
    cache_visit_frames(expect_reference, &audit);
    aspace_visit_all(check_aspace, &audit);
    check_counts(&audit);
    return audit.violations;
}

#else

int audit_run(void) { return -ENOSYS; }

#endif
