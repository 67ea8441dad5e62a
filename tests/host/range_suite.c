/* Which pages are shared: borders of tables, sparse and long ranges, high RAM, other addresses, and
 * what is left when memory ends in the middle. On the build machine only. */
#include "lib/errno.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "tests/host/pages.h"
#include "tests/host/watch.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define LEAF ((uint64_t)PT_LEAF_TABLE_BYTES)
#define AT(start, i) ((start) + (vaddr_t)(i)*PAGE_SIZE)
#define MARGIN 2 /* pages on either side of a range, which stay as they are */

/* ---- A range, and its neighbours ---- */

static struct aspace *giver, *receiver;
static vaddr_t from, to;
static size_t npages;

/* Two of three pages, and not many of a long range. */
static bool touched(size_t i) { return i % 3 != 1 && (i < 10 || npages - i < 10 || i % 128 < 6); }

static void make_range(vaddr_t from_va, vaddr_t to_va, size_t n) {
    from = from_va, to = to_va, npages = n;
    giver = space_at(AT(from, -MARGIN), (n + 2 * MARGIN) * PAGE_SIZE, READ_WRITE);
    receiver = space_at(AT(to, -MARGIN), (n + 2 * MARGIN) * PAGE_SIZE, READ_WRITE);
    for (size_t i = 0; i < n; i++)
        if (touched(i))
            page_fill(giver, AT(from, i), (unsigned)i);
    for (int i = 1; i <= MARGIN; i++) {
        page_fill(giver, AT(from, -i), 1000), page_fill(giver, AT(from, n - 1 + i), 1001);
        page_fill(receiver, AT(to, -i), 1002), page_fill(receiver, AT(to, n - 1 + i), 1003);
    }
}

static void expect_margins(void) {
    for (int i = 1; i <= MARGIN; i++) {
        page_expect(giver, AT(from, -i), 1000), page_expect(giver, AT(from, npages - 1 + i), 1001);
        page_expect(receiver, AT(to, -i), 1002);
        page_expect(receiver, AT(to, npages - 1 + i), 1003);
        expect_rights(giver, AT(from, -i), READ_WRITE);
        expect_rights(giver, AT(from, npages - 1 + i), READ_WRITE);
    }
}

/* The range has arrived: page by page, and no page that was absent. */
static void expect_arrived(void) {
    for (size_t i = 0; i < npages; i++)
        if (touched(i)) {
            page_expect(receiver, AT(to, i), (unsigned)i);
        } else {
            expect_absent(receiver, AT(to, i));
            expect_absent(giver, AT(from, i));
        }
    expect_margins();
}

/* Both sides write what they have, and neither sees the other's. */
static void expect_apart(void) {
    for (size_t i = 0; i < npages; i++)
        if (touched(i)) {
            page_fill(receiver, AT(to, i), (unsigned)i + 100);
            page_expect(giver, AT(from, i), (unsigned)i);
            page_fill(giver, AT(from, i), (unsigned)i + 200);
            page_expect(receiver, AT(to, i), (unsigned)i + 100);
        }
}

static void end_range(void) {
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(giver);
    aspace_destroy(receiver);
}

static void share_range(vaddr_t from_va, vaddr_t to_va, size_t n) {
    make_range(from_va, to_va, n);
    CHECK_ERROR(0, share_pages_of(giver, from, receiver, to, npages));
    CHECK_EQUAL(0, audit_run());
    expect_arrived();
    expect_apart();
    end_range();
}

#define FIRST (8 * GIB)
#define OTHER (32 * GIB)

static void at_other_addresses(void) {
    share_range(AT(FIRST, 10), AT(FIRST, 10), 7);
    share_range(AT(FIRST, 10), AT(OTHER, 300), 7);
    share_range(AT(OTHER, 300), AT(FIRST, 10), 7);
    share_range(AT(FIRST, 100), AT(FIRST, 103), 9);
    share_range(AT(FIRST, 3), AT(OTHER, 3), 1);
}

static void givers_table_ends(void) {
    share_range(AT(FIRST + LEAF, -4), AT(OTHER, 20), 9);
    share_range(AT(FIRST + LEAF, -4), AT(OTHER, 20), 4);
    share_range(FIRST + LEAF, AT(OTHER, 20), 4);
}

static void receivers_table_ends(void) {
    share_range(AT(OTHER, 20), AT(FIRST + LEAF, -4), 9);
    share_range(AT(OTHER, 20), AT(FIRST + LEAF, -4), 4);
    share_range(AT(OTHER, 20), FIRST + LEAF, 4);
}

static void both_tables_end(void) {
    share_range(AT(FIRST + LEAF, -5), AT(OTHER + LEAF, -5), 11);
    share_range(AT(FIRST + LEAF, -3), AT(OTHER + LEAF, -6), 11);
    share_range(AT(FIRST + LEAF, -6), AT(OTHER + LEAF, -3), 11);
}

static void many_tables(void) { share_range(AT(FIRST, 500), AT(OTHER, 100), 1100); }

static void across_a_gibibyte(void) {
    share_range(AT(FIRST + GIB, -4), AT(OTHER, 20), 9);
    share_range(AT(OTHER, 20), AT(FIRST + GIB, -4), 9);
    share_range(AT(FIRST + GIB, -4), AT(OTHER + 2 * GIB, -6), 13);
}

/* ---- Sparse ---- */

static void fork_sparse(vaddr_t start, const uint64_t *offsets, size_t n, uint64_t nbytes) {
    struct aspace *parent = space_at(start, nbytes, READ_WRITE);
    for (size_t i = 0; i < n; i++)
        page_fill(parent, start + offsets[i], (unsigned)i);
    struct aspace *child = forked(parent);
    CHECK_EQUAL(n, aspace_resident_count(child));
    for (size_t i = 0; i < n; i++) {
        page_expect(child, start + offsets[i], (unsigned)i);
        page_fill(child, start + offsets[i], 100 + (unsigned)i);
        page_expect(parent, start + offsets[i], (unsigned)i);
    }
    CHECK_EQUAL(n, aspace_resident_count(parent));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void sparse_region(void) {
    static const uint64_t offsets[] = {3 * MIB,
                                       GIB - PAGE_SIZE,
                                       GIB,
                                       2 * GIB - PAGE_SIZE,
                                       2 * GIB,
                                       4 * GIB - PAGE_SIZE,
                                       4 * GIB,
                                       9 * GIB,
                                       16 * GIB - PAGE_SIZE};
    fork_sparse(FIRST, offsets, array_length(offsets), 16 * GIB);
}

/* Only the first and the last page of a range are there, and it is this long. */
static void fork_length(uint64_t nbytes) {
    const uint64_t offsets[] = {0, nbytes - PAGE_SIZE};
    fork_sparse(FIRST, offsets, 2, nbytes + PAGE_SIZE);
}

static void lengths_near_2_31(void) {
    fork_length(2 * GIB - PAGE_SIZE), fork_length(2 * GIB), fork_length(2 * GIB + PAGE_SIZE);
}

static void lengths_near_2_32(void) {
    fork_length(4 * GIB - PAGE_SIZE), fork_length(4 * GIB), fork_length(4 * GIB + PAGE_SIZE);
    fork_length(4 * GIB + 3 * MIB), fork_length(8 * GIB + PAGE_SIZE);
}

static void pages_elsewhere(void) {
    static const uint64_t offsets[] = {20 * PAGE_SIZE, 21 * PAGE_SIZE, 30 * PAGE_SIZE};
    fork_sparse(AT(FIRST, 5), offsets, 3, 64 * PAGE_SIZE);
    static const uint64_t far[] = {600 * PAGE_SIZE, 1500 * PAGE_SIZE};
    fork_sparse(AT(FIRST, 5), far, 2, 2000 * PAGE_SIZE);
}

/* ---- High RAM ---- */

static void use_ram_at(paddr_t start) {
    machine_reset_at(start, machine_nframes);
    share_range(AT(FIRST, 510), AT(OTHER, 5), 40);
    fork_length(4 * MIB);
    struct aspace *as = space_with(2, READ_WRITE);
    CHECK_EQUAL(0, load(as, PAGE(1))); /* the zero frame */
    store(as, PAGE(1), 1);
    CHECK_EQUAL(1, load(as, PAGE(1)));
    aspace_destroy(as);
}

static void ram_above_4_gib(void) { use_ram_at(9 * GIB + 5 * MIB); }
static void ram_across_4_gib(void) { use_ram_at(4 * GIB - 20 * PAGE_SIZE); }

/* ---- Memory ends in the middle ---- */

/* Where a share of a page failed, the giver has all, and the receiver the page or none. */
static void expect_part(void) {
    for (size_t i = 0; i < npages; i++) {
        if (!touched(i))
            expect_absent(receiver, AT(to, i));
        else if (pte_present(entry_of(receiver, AT(to, i))))
            page_expect(receiver, AT(to, i), (unsigned)i);
        if (touched(i))
            page_expect(giver, AT(from, i), (unsigned)i);
    }
    expect_margins();
}

static void discard_received(void) {
    aspace_lock(receiver);
    aspace_discard(receiver, to, npages);
    aspace_unlock(receiver);
}

static bool share_with_frames(size_t k) {
    make_range(AT(FIRST + LEAF, -3), AT(OTHER + LEAF, -6), LEAF / PAGE_SIZE + 10);
    int last = k % 2 ? 2 : 0; /* hart 2 runs the giver, or the receiver */
    hart_run(0, giver), hart_run(2, last == 2 ? giver : receiver);
    for (int hart = 0; hart <= last; hart += 2) { /* they may store without a fault */
        CHECK_ERROR(0, hart_store(hart, from + 7, 1));
        CHECK_ERROR(0, hart_store(hart, AT(from, 2), 1));
    }
    watch_page(to), watch_page(AT(to, 2));
    page_fill(giver, from, 0), page_fill(giver, AT(from, 2), 2);
    frame_fail_after(k);
    int error = share_pages_of(giver, from, receiver, to, npages);
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(0, audit_run());
    CHECK(error == 0 || error == -ENOMEM);
    error ? expect_part() : expect_arrived();
    CHECK_ERROR(0, hart_store(last, AT(from, 2), 9)); /* the giver works on, on each hart */
    CHECK_ERROR(0, hart_store(0, AT(from, 2), 8));
    page_fill(giver, AT(from, 2), 2);
    discard_received(); /* and all can be done again */
    CHECK_ERROR(0, share_pages_of(giver, from, receiver, to, npages));
    expect_arrived();
    hart_run(0, NULL), hart_run(2, NULL);
    expect_apart();
    end_range();
    return error == 0;
}

static void share_fails_in_the_middle(void) {
    size_t before = frame_free_count(), k = 0;
    while (!share_with_frames(k) && k < 30) {
        CHECK_EQUAL(before, frame_free_count());
        k++;
    }
    CHECK(k > 0);
}

static void fork_fails_in_the_middle(void) {
    struct aspace *parent = space_at(FIRST, 4 * LEAF, READ_WRITE), *child = NULL;
    hart_run(0, parent), hart_run(2, parent);
    int error = -ENOMEM;
    for (size_t k = 0; error && k < 60; k++) {
        for (unsigned i = 0; i < 4; i++) {
            CHECK_ERROR(0, hart_store(0, FIRST + i * LEAF, (unsigned char)(k + i)));
            CHECK_ERROR(0, hart_store(2, FIRST + i * LEAF + 1, (unsigned char)(k + i)));
        }
        size_t before = frame_free_count();
        frame_fail_after(k);
        error = vm_fork(parent, &child);
        frame_fail_after(SIZE_MAX);
        CHECK(error == 0 || error == -ENOMEM);
        if (error)
            CHECK_EQUAL(before, frame_free_count());
        CHECK_EQUAL(0, audit_run());
        for (unsigned i = 0; i < 4; i++) {
            unsigned char value = 0;
            CHECK_ERROR(0, hart_load(2, FIRST + i * LEAF, &value));
            CHECK_EQUAL((unsigned char)(k + i), value);
        }
    }
    CHECK_ERROR(0, error);
    CHECK_ERROR(0, hart_store(0, FIRST, 200));
    CHECK(!child || load(child, FIRST) != 200);
    hart_run(0, NULL), hart_run(2, NULL);
    if (child)
        aspace_destroy(child);
    aspace_destroy(parent);
}

/* A store that cannot have its page changes nothing, and succeeds later. */
static void expect_refused_store(struct aspace *as, struct aspace *other, vaddr_t va) {
    pte_t entry = entry_of(as, va), others = entry_of(other, va);
    size_t free = frame_free_count();
    frame_fail_after(0);
    int error = vm_fault(as, va, ACCESS_WRITE);
    frame_fail_after(SIZE_MAX);
    CHECK(error == 0 || error == -ENOMEM);
    CHECK_EQUAL(0, audit_run());
    CHECK_EQUAL(others, entry_of(other, va));
    if (!error) {
        expect_rights(as, va, READ_WRITE);
        return;
    }
    CHECK_EQUAL(entry, entry_of(as, va));
    CHECK_EQUAL(free, frame_free_count());
}

static void store_without_memory(void) {
    struct aspace *parent = space_with(4, READ_WRITE);
    page_fill(parent, PAGE(0), 1), page_fill(parent, PAGE(2), 2);
    CHECK_EQUAL(0, load(parent, PAGE(1)));
    struct aspace *child = forked(parent);
    hart_run(0, parent), hart_run(2, child);
    for (int i = 0; i < 3; i++) {
        expect_refused_store(parent, child, PAGE(i));
        expect_refused_store(child, parent, PAGE(i));
    }
    page_expect(parent, PAGE(0), 1), page_expect(child, PAGE(2), 2);
    CHECK_ERROR(0, hart_store(0, PAGE(0), 77));
    CHECK_ERROR(0, hart_store(2, PAGE(1), 78));
    page_expect(child, PAGE(0), 1);
    CHECK_EQUAL(0, load(parent, PAGE(1)));
    hart_run(0, NULL), hart_run(2, NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

const struct test range_tests[] = {
    {"at_other_addresses", "pages arrive at the receiver's address, and no other page changes",
     at_other_addresses},
    {"givers_table_ends", "a range may cross 2 MiB on the giver's side alone", givers_table_ends},
    {"receivers_table_ends", "a range may cross 2 MiB on the receiver's side alone",
     receivers_table_ends},
    {"both_tables_end", "a range may cross 2 MiB on both sides, at the same page or not",
     both_tables_end},
    {"many_tables", "a range may lie in several leaf tables of either side", many_tables},
    {"across_a_gibibyte", "a range may cross 1 GiB on either side", across_a_gibibyte},
    {"sparse_region", "pages far apart in a region of 16 GiB are all shared", sparse_region},
    {"lengths_near_2_31", "a range may be 2 GiB long, a page less or more", lengths_near_2_31},
    {"lengths_near_2_32", "a range may be 4 GiB long, a page less or more", lengths_near_2_32},
    {"pages_elsewhere", "pages that are resident in the middle of a region are shared",
     pages_elsewhere},
    {"ram_above_4_gib", "a frame may lie above 4 GiB", ram_above_4_gib},
    {"ram_across_4_gib", "frames below and above 4 GiB are told apart", ram_across_4_gib},
    {"share_fails_in_the_middle",
     "out of memory in a share: no byte is lost, stale rights end, and it can be done again",
     share_fails_in_the_middle},
    {"fork_fails_in_the_middle", "out of memory in a fork: the parent is as before on every hart",
     fork_fails_in_the_middle},
    {"store_without_memory",
     "out of memory in a store: both sides are as before, and it can be done again",
     store_without_memory},
    {0},
};
