/* Copies between two address spaces, and pages that go from one to the other in the place of a
 * copy. Runs on the build machine and in the kernel. */
#include "lib/errno.h"
#include "mm/audit.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/mm/space.h"

#define NPAGES 6
#define FROM 10 /* what the first byte of page i of each side holds: this + i */
#define TO 50
#define FAR(i) (USER_MAP_BASE + (vaddr_t)PT_LEAF_TABLE_BYTES + (vaddr_t)(i)*PAGE_SIZE)

static struct aspace *from, *to;

static struct aspace *written_space(int value) {
    struct aspace *as = space_with(NPAGES, READ_WRITE);
    for (int i = 0; i < NPAGES; i++)
        store(as, PAGE(i), (unsigned char)(value + i));
    return as;
}

static void begin(void) {
    from = written_space(FROM);
    to = written_space(TO);
}

static void end(void) {
    aspace_destroy(from);
    aspace_destroy(to);
}

/* Page i of `as`, from `first` on to before `last`, begins with value + i. */
static void expect(struct aspace *as, int first, int last, int value) {
    for (int i = first; i < last; i++)
        CHECK_EQUAL(value + i, load(as, PAGE(i)));
}

static void map(struct aspace *as, vaddr_t start, size_t npages, enum region_kind kind) {
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_map(as, start, npages * PAGE_SIZE, READ_WRITE, kind));
    aspace_unlock(as);
}

static void discard(struct aspace *as, vaddr_t start, size_t npages) {
    aspace_lock(as);
    aspace_discard(as, start, npages);
    aspace_unlock(as);
}

/* => the error; all bytes have come when there is none */
static int share(vaddr_t to_va, vaddr_t from_va, size_t nbytes) {
    struct aspace *bad;
    size_t copied;
    int error =
        copy_between((struct user_range){to, to_va, nbytes},
                     (struct user_range){from, from_va, nbytes}, TRANSFER_SHARE, &copied, &bad);
    CHECK(error || copied == nbytes);
    return error;
}

static paddr_t frame_at(struct aspace *as, vaddr_t va) {
    pte_t *entry = pt_find(&as->pt, va);
    return entry && pte_present(pte_load(entry)) ? pte_frame(pte_load(entry)) : FRAME_NONE;
}

/* ---- Dropping ---- */

static void discarded_pages_are_zeros(void) {
    begin();
    discard(to, PAGE(1), 3);
    expect(to, 0, 1, TO);
    expect(to, 4, NPAGES, TO);
    for (int i = 1; i < 4; i++) {
        CHECK_EQUAL(FRAME_NONE, frame_at(to, PAGE(i)));
        CHECK_EQUAL(0, load(to, PAGE(i)));
    }
    discard(to, PAGE(0), NPAGES); /* zero frames too */
    discard(to, PAGE(0), NPAGES); /* and nothing at all */
    CHECK_EQUAL(0, audit_run());
    store(to, PAGE(2), 7);
    CHECK_EQUAL(7, load(to, PAGE(2)));
    end();
}

static void discarding_leaves_the_sharers(void) {
    begin();
    struct aspace *child = forked(to);
    discard(to, PAGE(0), NPAGES);
    expect(child, 0, NPAGES, TO);
    store(child, PAGE(3), TO + 3);
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(child);
    end();
}

/* ---- Whole pages ---- */

static void what_arrives_is_apart(void) {
    begin();
    for (int round = 0; round < 2; round++) {
        CHECK_EQUAL(0, share(PAGE(1), PAGE(2), 3 * PAGE_SIZE));
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(load(from, PAGE(2 + i)), load(to, PAGE(1 + i)));
        CHECK_EQUAL(0, audit_run());
        store(from, PAGE(2), 200);
        CHECK(load(to, PAGE(1)) != 200);
        store(to, PAGE(2), 201);
        CHECK(load(from, PAGE(3)) != 201);
        struct aspace *other = from; /* and the other way: the order of the locks changes */
        from = to;
        to = other;
    }
    end();
}

/* Bytes around, and pages around, are as they were. */
static void parts_of_pages(void) {
    begin();
    store(from, PAGE(1) - 1, 99), store(from, PAGE(4), 98);
    CHECK_EQUAL(0, share(PAGE(1) - 1, PAGE(1) - 1, 3 * PAGE_SIZE + 2));
    CHECK_EQUAL(99, load(to, PAGE(1) - 1));
    CHECK_EQUAL(98, load(to, PAGE(4)));
    CHECK_EQUAL(0, load(to, PAGE(1) - 2));
    expect(to, 0, 1, TO);
    expect(to, 1, 4, FROM);
    expect(to, 5, NPAGES, TO);
    store(from, PAGE(2), 7);
    expect(to, 2, 3, FROM);
    end();
}

static void untouched_pages_arrive_as_zeros(void) {
    begin();
    discard(from, PAGE(0), NPAGES);
    store(from, PAGE(3), 9);
    CHECK_EQUAL(0, share(PAGE(0), PAGE(0), NPAGES * PAGE_SIZE));
    for (int i = 0; i < NPAGES; i++)
        CHECK_EQUAL(i == 3 ? 9 : 0, load(to, PAGE(i)));
    end();
}

/* The receiver's region says what its entries may be: COW, or executable, or neither. */
static void each_side_keeps_its_rights(void) {
    begin();
    protect(from, PAGE(0), MAP_READ);
    protect(from, PAGE(1), MAP_READ | MAP_EXEC);
    CHECK_EQUAL(0, share(PAGE(0), PAGE(0), NPAGES * PAGE_SIZE));
    CHECK_EQUAL(0, audit_run());
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(0, pte_load(pt_find(&to->pt, PAGE(i))) & PTE_EXECUTE);
    CHECK_EQUAL(0, pte_load(pt_find(&from->pt, PAGE(0))) & PTE_COW);
    for (int i = 0; i < NPAGES; i++)
        store(to, PAGE(i), 7);
    expect(from, 0, NPAGES, FROM);
    hart_run(0, from);
    CHECK_EQUAL(-EACCES, hart_store(0, PAGE(0), 1));
    hart_run(0, NULL);
    end();
}

static void shared_regions_are_copied(void) {
    begin();
    map(from, FAR(0), 2, REGION_KIND_SHARED);
    map(to, FAR(0), 2, REGION_KIND_SHARED);
    struct aspace *sharer = forked(to);
    store(from, FAR(0), 1);
    CHECK_EQUAL(0, share(PAGE(0), FAR(0), 2 * PAGE_SIZE));
    store(from, FAR(0), 2);
    CHECK_EQUAL(1, load(to, PAGE(0)));
    CHECK_EQUAL(0, share(FAR(0), PAGE(3), 2 * PAGE_SIZE));
    CHECK_EQUAL(FROM + 4, load(sharer, FAR(1)));
    store(to, FAR(1), 3);
    CHECK_EQUAL(FROM + 4, load(from, PAGE(4)));
    CHECK_EQUAL(3, load(sharer, FAR(1)));
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(sharer);
    end();
}

static void within_one_space(void) {
    begin();
    aspace_destroy(to);
    to = from;
    CHECK_EQUAL(0, share(PAGE(3), PAGE(0), 3 * PAGE_SIZE));
    for (int i = 0; i < NPAGES; i++)
        CHECK_EQUAL(FROM + i % 3, load(from, PAGE(i)));
    store(from, PAGE(0), 1);
    CHECK_EQUAL(FROM, load(from, PAGE(3)));
    aspace_destroy(from);
}

/* Who is to blame, and how far it came. */
static void refused(void) {
    struct aspace *bad = NULL;
    size_t copied = 1;
    begin();
    protect(to, PAGE(2), MAP_READ);
    CHECK_EQUAL(-EACCES, copy_between((struct user_range){to, PAGE(0), NPAGES * PAGE_SIZE},
                                      (struct user_range){from, PAGE(0), NPAGES * PAGE_SIZE},
                                      TRANSFER_SHARE, &copied, &bad));
    CHECK(bad == to && copied == 2 * PAGE_SIZE);
    expect(to, 2, NPAGES, TO);
    protect(from, PAGE(1), 0);
    CHECK_EQUAL(-EACCES, copy_between((struct user_range){to, PAGE(3), 3 * PAGE_SIZE},
                                      (struct user_range){from, PAGE(0), 3 * PAGE_SIZE},
                                      TRANSFER_SHARE, &copied, &bad));
    CHECK(bad == from && copied == PAGE_SIZE);
    CHECK_EQUAL(-EFAULT, copy_between((struct user_range){to, PAGE(3), 4 * PAGE_SIZE},
                                      (struct user_range){from, PAGE(3), 4 * PAGE_SIZE},
                                      TRANSFER_SHARE, &copied, &bad));
    CHECK_EQUAL(3 * PAGE_SIZE, copied);
    end();
}

/* ---- What only sharing can do ---- */

static void sharing_needs_no_frame(void) {
    begin();
    protect(from, PAGE(0), MAP_READ);
    size_t before = frame_free_count();
    uint64_t copies = vm_counters.copies, fills = vm_counters.zero_fills;
    frame_fail_after(0);
    CHECK_EQUAL(0, share(PAGE(0), PAGE(0), NPAGES * PAGE_SIZE));
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(before + NPAGES, frame_free_count());
    CHECK(copies == vm_counters.copies && fills == vm_counters.zero_fills);
    for (int i = 0; i < NPAGES; i++) {
        CHECK_EQUAL(frame_at(from, PAGE(i)), frame_at(to, PAGE(i)));
        CHECK_EQUAL(2, frame_count(frame_at(to, PAGE(i))));
        CHECK(pte_load(pt_find(&to->pt, PAGE(i))) & PTE_COW);
    }
    end();
}

/* Pages 0 to 2 of the target have no table yet, 3 to 5 have one and hold bytes. */
static int share_with_frames(size_t nframes, size_t head) {
    begin();
    map(to, FAR(-3), NPAGES, REGION_KIND_PRIVATE);
    for (int i = 0; i < 3; i++)
        store(to, FAR(i), 90);
    frame_fail_after(nframes);
    int error = share(FAR(-3) + head, PAGE(0) + head, NPAGES * PAGE_SIZE - head);
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(0, audit_run());
    expect(from, 0, NPAGES, FROM);
    for (int i = 1; i < NPAGES; i++) {
        int value = load(to, FAR(i - 3)), old = i < 3 ? 0 : 90;
        CHECK(value == FROM + i || (error && value == old));
    }
    end();
    return error;
}

static void full_memory_loses_no_page(void) {
    CHECK_EQUAL(-ENOMEM, share_with_frames(0, 0));
    CHECK_EQUAL(0, share_with_frames(1, 0)); /* the table */
    CHECK_EQUAL(-ENOMEM, share_with_frames(0, 8));
    CHECK_EQUAL(-ENOMEM, share_with_frames(1, 8));
    CHECK_EQUAL(0, share_with_frames(2, 8)); /* and a page for the head */
}

/* What stands beside mm/cow.c: no mistake in it shows here. */
const struct test transfer_base_tests[] = {
    {"discarded_pages_are_zeros", "exactly the discarded pages are absent again",
     discarded_pages_are_zeros},
    {"within_one_space", "an address space shares nothing with itself", within_one_space},
    {NULL, NULL, NULL},
};

const struct test transfer_tests[] = {
    {"discarding_leaves_the_sharers", "discarding puts one reference and no more",
     discarding_leaves_the_sharers},
    {"what_arrives_is_apart", "neither side sees the other's writes", what_arrives_is_apart},
    {"parts_of_pages", "what surrounds a shared page is as a copy leaves it", parts_of_pages},
    {"untouched_pages_arrive_as_zeros", "an absent page replaces the old one",
     untouched_pages_arrive_as_zeros},
    {"each_side_keeps_its_rights", "a shared page has the rights of its own region",
     each_side_keeps_its_rights},
    {"shared_regions_are_copied", "a page of a shared region is copied, both ways",
     shared_regions_are_copied},
    {"refused", "a bad page is told with its side, and what came before it stays", refused},
    {NULL, NULL, NULL},
};

const struct test transfer_quality_tests[] = {
    {"sharing_needs_no_frame", "whole pages need no memory and copy nothing",
     sharing_needs_no_frame},
    {"full_memory_loses_no_page", "each failing allocation leaves every page old or new",
     full_memory_loses_no_page},
    {NULL, NULL, NULL},
};
