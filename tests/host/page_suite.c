/* What one page holds, what its entry says, and what its count may be. On the build machine only.
 */
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/audit.h"
#include "mm/counters.h"
#include "mm/cow.h"
#include "mm/pmm.h"
#include "tests/host/pages.h"

#define RX (MAP_READ | MAP_EXEC)
#define RWX (READ_WRITE | MAP_EXEC)

/* ---- Bytes ---- */

static void every_byte_is_copied(void) {
    struct aspace *parent = space_with(3, READ_WRITE);
    for (unsigned i = 0; i < 3; i++)
        page_fill(parent, PAGE(i), 10 + i);
    struct aspace *child = forked(parent);
    for (unsigned i = 0; i < 3; i++) {
        size_t at = i == 0 ? 0 : i == 1 ? PAGE_SIZE - 1 : 2000;
        unsigned char before = (unsigned char)load(parent, PAGE(i) + at);
        store(child, PAGE(i) + at, before);
        page_expect(child, PAGE(i), 10 + i);
        page_expect(parent, PAGE(i), 10 + i);
    }
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Frames that were somebody's are free again, with all their bytes. */
static void leave_junk(void) {
    struct aspace *as = space_with(200, READ_WRITE);
    for (unsigned i = 0; i < 200; i++)
        page_fill(as, PAGE(i), i);
    aspace_destroy(as);
}

static void expect_zeros_but(struct aspace *as, vaddr_t page, size_t at) {
    for (size_t i = 0; i < PAGE_SIZE; i++)
        if (i != at && load(as, page + i) != 0) {
            CHECK_EQUAL(0, load(as, page + i));
            return;
        }
}

static void every_byte_is_zero(void) {
    static const size_t places[] = {0, 5, 2048, PAGE_SIZE - 1};
    leave_junk();
    struct aspace *parent = space_with(array_length(places), READ_WRITE);
    for (size_t i = 0; i < array_length(places); i++)
        CHECK_EQUAL(0, load(parent, PAGE(i)));
    struct aspace *child = forked(parent);
    for (size_t i = 0; i < array_length(places); i++) {
        store(child, PAGE(i) + places[i], 9);
        CHECK_EQUAL(9, load(child, PAGE(i) + places[i]));
        expect_zeros_but(child, PAGE(i), places[i]);
        expect_zeros_but(parent, PAGE(i), PAGE_SIZE);
        store(parent, PAGE(i) + places[i], 8);
        expect_zeros_but(parent, PAGE(i), places[i]);
    }
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* ---- Rights ---- */

static const uint32_t all_rights[] = {MAP_READ, READ_WRITE, RX, RWX};

/* What a region of these rights says of a page that is shared, and of one that was written. */
static void expect_shared_entry(struct aspace *as, vaddr_t va, uint32_t rights) {
    pte_t entry = entry_of(as, va);
    bool sole = pte_writable(entry) && frame_count(pte_frame(entry)) == 1;
    expect_rights(as, va, sole ? rights : rights & ~(uint32_t)MAP_WRITE);
}

static void expect_store(struct aspace *as, vaddr_t va, uint32_t rights) {
    hart_run(0, as);
    int error = hart_store(0, va, 99);
    hart_run(0, NULL);
    CHECK_ERROR(rights & MAP_WRITE ? 0 : -EACCES, error);
    if (rights & MAP_WRITE)
        expect_rights(as, va, rights);
}

static void share_with_rights(uint32_t givers, uint32_t receivers) {
    struct aspace *from = space_with(2, READ_WRITE), *to = space_with(2, receivers);
    page_fill(from, PAGE(0), 3);
    protect(from, PAGE(0), givers);
    CHECK_ERROR(0, share_pages_of(from, PAGE(0), to, PAGE(1), 1));
    CHECK_EQUAL(0, audit_run());
    expect_shared_entry(from, PAGE(0), givers);
    expect_shared_entry(to, PAGE(1), receivers);
    page_expect(to, PAGE(1), 3);
    expect_store(to, PAGE(1), receivers);
    page_expect(from, PAGE(0), 3);
    expect_store(from, PAGE(0), givers);
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(from);
    aspace_destroy(to);
}

static void rights_of_either_side(void) {
    for (size_t i = 0; i < array_length(all_rights); i++)
        for (size_t k = 0; k < array_length(all_rights); k++)
            share_with_rights(all_rights[i], all_rights[k]);
}

static void rights_after_fork(void) {
    for (size_t i = 0; i < array_length(all_rights); i++) {
        struct aspace *parent = space_with(2, READ_WRITE);
        page_fill(parent, PAGE(0), 3);
        protect(parent, PAGE(0), all_rights[i]);
        struct aspace *child = forked(parent), *grandchild = forked(child);
        struct aspace *const spaces[] = {parent, child, grandchild};
        for (size_t k = 0; k < 3; k++)
            expect_shared_entry(spaces[k], PAGE(0), all_rights[i]);
        for (size_t k = 0; k < 3; k++)
            expect_store(spaces[k], PAGE(0), all_rights[i]);
        CHECK_EQUAL(0, audit_run());
        aspace_destroy(grandchild);
        aspace_destroy(child);
        aspace_destroy(parent);
    }
}

/* The zero page of a region that may be executed and written. */
static void rights_of_zeros(void) {
    struct aspace *as = space_with(2, RWX);
    CHECK_EQUAL(0, load(as, PAGE(0)));
    expect_rights(as, PAGE(0), RX);
    store(as, PAGE(0), 1);
    expect_rights(as, PAGE(0), RWX);
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(as);
}

/* An entry without the mark in a region that may be written: the region decides. */
static void the_region_decides(void) {
    for (int shared = 0; shared < 2; shared++) {
        struct aspace *as = space_with(1, READ_WRITE);
        page_fill(as, PAGE(0), 4);
        struct aspace *child = shared ? forked(as) : NULL;
        pte_t *entry = pt_find(&as->pt, PAGE(0));
        pte_store(entry, pte_make(pte_frame(pte_load(entry)), pte_flags(MAP_READ)));
        store(as, PAGE(0), 5);
        CHECK_EQUAL(5, load(as, PAGE(0)));
        CHECK_EQUAL(0, audit_run());
        if (child) {
            page_expect(child, PAGE(0), 4);
            aspace_destroy(child);
        }
        aspace_destroy(as);
    }
}

/* ---- Counts ---- */

#define COUNT_END INT32_MIN /* 2^31 references: frame_get refuses one more */

static struct frame *frame_of(struct aspace *as, vaddr_t va) {
    return frame_entry(pte_frame(entry_of(as, va)));
}

/* The extra references, which no entry has, are gone: give the frame back what is true. */
static void set_true_count(paddr_t frame, int32_t nentries) {
    frame_entry(frame)->count = nentries > 0 ? nentries : 1;
    if (nentries == 0)
        frame_put(frame);
}

/* As if entries of other spaces mapped the frame, too. */
static void copy_at_count(int32_t count) {
    struct aspace *parent = space_with(1, READ_WRITE);
    page_fill(parent, PAGE(0), 6);
    struct aspace *child = forked(parent);
    paddr_t frame = pte_frame(entry_of(parent, PAGE(0)));
    bool shared = frame == pte_frame(entry_of(child, PAGE(0)));
    frame_entry(frame)->count = count;
    machine_note("other spaces make the frame's count %d", count);
    store(child, PAGE(0), 1);
    CHECK(pte_frame(entry_of(child, PAGE(0))) != frame);
    page_expect(parent, PAGE(0), 6);
    CHECK_EQUAL((int32_t)((uint32_t)count - shared), frame_entry(frame)->count);
    store(parent, PAGE(0), 2);
    CHECK(pte_frame(entry_of(parent, PAGE(0))) != frame);
    CHECK_EQUAL(1, load(child, PAGE(0)));
    set_true_count(frame, (pte_frame(entry_of(parent, PAGE(0))) == frame) +
                              (pte_frame(entry_of(child, PAGE(0))) == frame));
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void counts_near_2_8(void) {
    for (int32_t count = 254; count <= 259; count++)
        copy_at_count(count);
    copy_at_count(513);
}

static void counts_near_2_16(void) {
    static const int32_t counts[] = {32767, 32768, 32769, 65534, 65535,
                                     65536, 65537, 65538, 131073};
    for (size_t i = 0; i < array_length(counts); i++)
        copy_at_count(counts[i]);
}

static void counts_near_the_end(void) {
    copy_at_count(INT32_MAX - 1), copy_at_count(INT32_MAX), copy_at_count(COUNT_END);
}

/* The middle one of three pages has all the references that a count holds. */
static void the_end_of_a_count(void) {
    struct aspace *from = space_with(3, READ_WRITE), *to = space_with(3, READ_WRITE);
    for (unsigned i = 0; i < 3; i++)
        page_fill(from, PAGE(i), i);
    struct frame *frame = frame_of(from, PAGE(1));
    frame->count = COUNT_END;
    pte_t *entry = pt_find(&from->pt, PAGE(1));
    pte_store(entry, pte_make(pte_frame(pte_load(entry)), pte_cow_flags(READ_WRITE)));
    machine_note("others make the count of page %#lx the largest", (unsigned long)PAGE(1));
    int error = share_pages_of(from, PAGE(0), to, PAGE(0), 3);
    CHECK(error == 0 || error == -ENOMEM);
    CHECK_EQUAL(COUNT_END, frame->count);
    CHECK(!pte_present(entry_of(to, PAGE(1))) || frame_of(to, PAGE(1)) != frame);
    frame->count = 1;
    CHECK_EQUAL(0, audit_run());
    for (unsigned i = 0; i < 3; i++) {
        page_expect(from, PAGE(i), i);
        if (pte_present(entry_of(to, PAGE(i))))
            page_expect(to, PAGE(i), i);
        page_fill(from, PAGE(i), 20 + i);
    }
    aspace_destroy(to);
    aspace_destroy(from);
}

static void many_sharers(void) {
    static struct aspace *spaces[300];
    struct aspace *parent = space_with(1, READ_WRITE);
    page_fill(parent, PAGE(0), 9);
    for (int i = 0; i < 300; i++)
        spaces[i] = forked(parent);
    for (int i = 0; i < 300; i++) { /* at every count from 301 down to 2 */
        store(spaces[i], PAGE(0), 1);
        page_expect(i < 299 ? spaces[299] : parent, PAGE(0), 9);
    }
    page_expect(parent, PAGE(0), 9);
    CHECK_EQUAL(0, audit_run());
    for (int i = 0; i < 300; i++)
        aspace_destroy(spaces[i]);
    aspace_destroy(parent);
}

/* ---- What it costs ---- */

static void reads_do_not_fault(void) {
    struct aspace *parent = space_with(8, READ_WRITE);
    for (int i = 0; i < 8; i++)
        page_fill(parent, PAGE(i), (unsigned)i);
    struct aspace *child = forked(parent);
    struct aspace *const spaces[] = {parent, child};
    for (int k = 0; k < 2; k++) {
        hart_run(0, spaces[k]);
        for (int i = 0; i < 8; i++) {
            paddr_t address;
            CHECK(hart_translate(0, PAGE(i), ACCESS_READ, &address));
        }
        hart_run(0, NULL);
    }
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void tables_only(void) {
    struct aspace *parent = space_at(USER_MAP_BASE, UINT64_C(8) << 30, READ_WRITE);
    for (uint64_t i = 0; i < 4; i++)
        for (uint64_t k = 0; k < 50; k++)
            store(parent, USER_MAP_BASE + (i << 31) + k * PAGE_SIZE, 1);
    size_t free = frame_free_count(), tables = pt_frame_count();
    struct aspace *child = forked(parent);
    size_t made = pt_frame_count() - tables;
    CHECK_EQUAL(9, made); /* the root, and for each group a leaf table and the one above */
    CHECK(free - frame_free_count() <= made + 1);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void no_fence_to_reuse(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    page_fill(parent, PAGE(0), 1);
    aspace_destroy(forked(parent));
    hart_run(0, parent), hart_run(2, parent);
    size_t before = machine_fences;
    CHECK_ERROR(0, hart_store(0, PAGE(0), 2));
    CHECK_EQUAL(0, machine_fences - before);
    hart_run(0, NULL), hart_run(2, NULL);
    aspace_destroy(parent);
}

static void counters_tell(void) {
    struct aspace *parent = space_with(3, READ_WRITE);
    page_fill(parent, PAGE(0), 1);
    CHECK_EQUAL(0, load(parent, PAGE(1)));
    struct aspace *child = forked(parent);
    struct vm_counters before = vm_counters;
    store(child, PAGE(0), 2);
    store(parent, PAGE(0), 3);
    store(parent, PAGE(1), 4);
    CHECK_EQUAL(1, vm_counters.copies - before.copies);
    CHECK_EQUAL(1, vm_counters.reuses - before.reuses);
    CHECK_EQUAL(1, vm_counters.zero_fills - before.zero_fills);
    aspace_destroy(child);
    aspace_destroy(parent);
}

const struct test page_tests[] = {
    {"every_byte_is_copied", "a copied page has all 4096 bytes of the old one",
     every_byte_is_copied},
    {"every_byte_is_zero", "a page of zeros has 4096 of them, whoever had its frame before",
     every_byte_is_zero},
    {"rights_of_either_side",
     "an entry has the rights of its own region, whatever the other side's", rights_of_either_side},
    {"rights_after_fork", "fork keeps rights, to execute too, and a store brings back all of them",
     rights_after_fork},
    {"rights_of_zeros", "a page of zeros gets all rights of its region", rights_of_zeros},
    {"the_region_decides", "whether a page may be written is asked of its region, not of the mark",
     the_region_decides},
    {"counts_near_2_8", "a page with about 256 owners is copied", counts_near_2_8},
    {"counts_near_2_16", "a page with about 65536 owners is copied", counts_near_2_16},
    {"counts_near_the_end", "a page with about 2^31 owners is copied", counts_near_the_end},
    {"the_end_of_a_count", "a count at its end refuses the share, and nothing is lost",
     the_end_of_a_count},
    {"many_sharers", "each of 300 sharers stores, and sees its own", many_sharers},
    {0},
};

const struct test page_quality_tests[] = {
    {"reads_do_not_fault", "a shared page is read without a fault", reads_do_not_fault},
    {"tables_only", "fork makes page tables only where there are pages, and nothing else",
     tables_only},
    {"no_fence_to_reuse", "to reuse a page takes no fence", no_fence_to_reuse},
    {"counters_tell", "copies, reuses and fills are counted, each as what it is", counters_tell},
    {0},
};
