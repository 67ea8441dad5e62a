/* Scenarios of mm/: what two harts do to the same pages at the same time.
 *
 * Hart 2 is a third thread of the first space that does nothing: only its TLB keeps what it once
 * translated. Each judge asks for what some order of whole acts would have left. */
#include "lib/errno.h"
#include "mm/fork.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/interleave/explore.h"
#include "tests/mm/space.h"

static struct aspace *first, *second, *third;
static int result; /* of a store that may be refused */

/* ---- Before and after ---- */

/* One page of 9s, written by the first space alone; harts 0, 1 and 2 run in it. */
static void one_space(void) {
    second = third = NULL;
    result = 0;
    first = space_with(2, READ_WRITE);
    store(first, PAGE(0), 9);
    store(first, PAGE(0) + 1, 9);
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        hart_run(hart, first);
}

/* And a second page, so that hart 0 may store to both without a fault. */
static void two_pages(void) {
    one_space();
    store(first, PAGE(1), 0);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 9));
    CHECK_EQUAL(0, hart_store(0, PAGE(1), 0));
}

/* The same page in two spaces. Hart 1 still runs in the first. */
static void shared_page(void) {
    one_space();
    second = forked(first);
}

static void shared_by_two(void) {
    shared_page();
    hart_run(1, second);
}

/* Hart 1 runs nowhere: it takes a space apart. */
static void shared_by_one(void) {
    shared_page();
    hart_run(1, NULL);
}

/* The other owner is gone, and the entry still lacks the right to write. */
static void left_alone(void) {
    shared_page();
    aspace_destroy(second);
    second = NULL;
}

static void nothing_touched(void) {
    second = third = NULL;
    first = space_with(2, READ_WRITE);
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        hart_run(hart, first);
}

/* One page of zeros that harts 0 and 1 have read, and may still translate to the zero frame. */
static void zeros_read(void) {
    unsigned char value;
    nothing_touched();
    CHECK_EQUAL(0, hart_load(0, PAGE(0), &value));
    CHECK_EQUAL(0, hart_load(1, PAGE(0), &value));
}

static void give_back(void) {
    struct aspace **spaces[] = {&third, &second, &first};
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        hart_run(hart, NULL);
    for (size_t i = 0; i < array_length(spaces); i++)
        if (*spaces[i])
            aspace_destroy(*spaces[i]);
}

/* ---- What user threads do ---- */

static void stores(int hart, vaddr_t va, unsigned char value) {
    CHECK_EQUAL(0, hart_store(hart, va, value));
}

static void loads(int hart, vaddr_t va, unsigned char expected) {
    unsigned char value = 0;
    CHECK_EQUAL(0, hart_load(hart, va, &value));
    CHECK_EQUAL(expected, value);
}

static void hart_0_stores(void) {
    stores(0, PAGE(0), 1);
    loads(0, PAGE(0), 1);
}

static void hart_1_stores(void) {
    stores(1, PAGE(0) + 1, 2);
    loads(1, PAGE(0) + 1, 2);
}

/* ---- Two faults ---- */

static void both_stores_are_there(void) {
    loads(2, PAGE(0), 1);
    loads(2, PAGE(0) + 1, 2);
    if (second) {
        CHECK_EQUAL(9, load(second, PAGE(0)));
        CHECK_EQUAL(9, load(second, PAGE(0) + 1));
    }
    give_back();
}

static void each_sees_its_own(void) {
    CHECK_EQUAL(1, load(first, PAGE(0)));
    CHECK_EQUAL(9, load(first, PAGE(0) + 1));
    CHECK_EQUAL(9, load(second, PAGE(0)));
    CHECK_EQUAL(2, load(second, PAGE(0) + 1));
    give_back();
}

/* ---- Fault and fork ---- */

static unsigned char seen[2];

static void hart_0_stores_twice(void) {
    stores(0, PAGE(0), 1);
    stores(0, PAGE(1), 2);
    loads(0, PAGE(0), 1);
}

/* What the child has the moment fork returned is what it has for good. */
static void hart_1_forks(void) {
    third = forked(first);
    hart_run(1, third);
    CHECK_EQUAL(0, hart_load(1, PAGE(0), &seen[0]));
    CHECK_EQUAL(0, hart_load(1, PAGE(1), &seen[1]));
    hart_run(1, NULL);
}

static void fork_was_at_one_moment(void) {
    CHECK(seen[0] == 9 || seen[0] == 1);
    CHECK(seen[1] == 0 || (seen[1] == 2 && seen[0] == 1)); /* no later store without an earlier */
    CHECK_EQUAL(seen[0], load(third, PAGE(0)));
    CHECK_EQUAL(seen[1], load(third, PAGE(1)));
    loads(2, PAGE(0), 1);
    loads(2, PAGE(1), 2);
    stores(2, PAGE(0), 3);
    stores(0, PAGE(1), 4);
    CHECK_EQUAL(seen[0], load(third, PAGE(0)));
    CHECK_EQUAL(seen[1], load(third, PAGE(1)));
    if (second)
        CHECK_EQUAL(9, load(second, PAGE(0)));
    give_back();
}

/* Hart 0 forks while the other owner of its page stores. */
static void hart_0_forks(void) { third = forked(first); }

static void three_have_their_own(void) {
    CHECK_EQUAL(9, load(first, PAGE(0) + 1));
    CHECK_EQUAL(2, load(second, PAGE(0) + 1));
    CHECK_EQUAL(9, load(third, PAGE(0) + 1));
    stores(2, PAGE(0), 5);
    CHECK_EQUAL(5, load(first, PAGE(0)));
    CHECK_EQUAL(9, load(second, PAGE(0)));
    CHECK_EQUAL(9, load(third, PAGE(0)));
    give_back();
}

/* ---- Fault and unmap, protect, exit ---- */

static void hart_0_stores_if_it_can(void) { result = hart_store(0, PAGE(0), 1); }

static void unmap_page(struct aspace *as) {
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_unmap(as, PAGE(0), PAGE_SIZE));
    aspace_unlock(as);
}

static void unmap_in_first(void) { unmap_page(first); }
static void unmap_in_second(void) { unmap_page(second); }
static void protect_first(void) { protect(first, PAGE(0), MAP_READ); }

static void page_is_gone(void) {
    unsigned char value;
    CHECK(result == 0 || result == -EFAULT);
    CHECK_EQUAL(-EFAULT, hart_load(2, PAGE(0), &value));
    CHECK_EQUAL(9, load(second, PAGE(0)));
    give_back();
}

static void page_is_gone_in_both(void) {
    unsigned char value;
    hart_run(1, second);
    CHECK_EQUAL(-EFAULT, hart_load(2, PAGE(0), &value));
    CHECK_EQUAL(-EFAULT, hart_load(1, PAGE(0), &value));
    give_back();
}

static void page_is_read_only(void) {
    CHECK(result == 0 || result == -EACCES);
    CHECK_EQUAL(-EACCES, hart_store(2, PAGE(0), 4));
    loads(2, PAGE(0), result == 0 ? 1 : 9);
    CHECK_EQUAL(9, load(second, PAGE(0)));
    give_back();
}

static void destroy_second(void) {
    aspace_destroy(second);
    second = NULL;
}

static void destroy_first(void) {
    hart_run(0, NULL);
    hart_run(2, NULL);
    aspace_destroy(first);
    first = NULL;
}

static void first_has_stored(void) {
    loads(2, PAGE(0), 1);
    loads(2, PAGE(0) + 1, 9);
    give_back();
}

/* ---- User copy ---- */

static void copy_pages(struct aspace *to, struct aspace *from) {
    size_t copied;
    struct aspace *bad;
    CHECK_EQUAL(0,
                copy_between((struct user_range){to, PAGE(1), 2},
                             (struct user_range){from, PAGE(0), 2}, TRANSFER_COPY, &copied, &bad));
}

static void copy_there(void) { copy_pages(second, first); }
static void copy_back(void) { copy_pages(first, second); }

static void both_were_copied(void) {
    CHECK_EQUAL(9, load(first, PAGE(1)));
    CHECK_EQUAL(9, load(second, PAGE(1) + 1));
    give_back();
}

/* ---- A page that is sent ---- */

/* Hart 0 may store in the first space without a fault. */
static void receiver_of_a_page(void) {
    one_space();
    second = space_with(2, READ_WRITE);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 9));
}

static void hart_1_gets_the_page(void) {
    size_t copied;
    struct aspace *bad;
    CHECK_EQUAL(0, copy_between((struct user_range){second, PAGE(1), PAGE_SIZE},
                                (struct user_range){first, PAGE(0), PAGE_SIZE}, TRANSFER_SHARE,
                                &copied, &bad));
    hart_run(1, second);
    CHECK_EQUAL(0, hart_load(1, PAGE(1), &seen[0]));
}

static void page_was_sent_at_one_moment(void) {
    CHECK(seen[0] == 9 || seen[0] == 1);
    CHECK_EQUAL(seen[0], load(second, PAGE(1)));
    loads(0, PAGE(0), 1);
    CHECK_EQUAL(9, load(second, PAGE(1) + 1));
    give_back();
}

/* ---- Get and put ---- */

static paddr_t frame;

static void frame_of_two(void) {
    frame = frame_alloc();
    CHECK_EQUAL(0, frame_get(frame));
}

static void put_frame(void) { frame_put(frame); }

static void get_and_put_frame(void) {
    CHECK_EQUAL(0, frame_get(frame));
    frame_put(frame);
    frame_put(frame);
}

/* The ledger of frames is the judge. */
static void frame_is_free(void) { CHECK_EQUAL(0, frame_count(frame)); }

static size_t nfree, nseen;

static void some_frames_free(void) {
    frame_put(frame_alloc()); /* one that is not zeroed */
    nfree = frame_free_count();
}

static void zero_one_ahead(void) { (void)frame_zero_ahead(SIZE_MAX); }
static void count_free(void) { nseen = frame_free_count(); }
static void all_were_counted(void) { CHECK_EQUAL(nfree, nseen); }

/* What mm/cow.c is held against. */
const struct scenario cow_scenarios[] = {
    {"two_faults_on_zeros",
     "two stores to a page that was only read both stay",
     3,
     zeros_read,
     {hart_0_stores, hart_1_stores, NULL},
     both_stores_are_there},
    {"two_faults",
     "two stores to a shared page make one copy, and both stay",
     3,
     shared_page,
     {hart_0_stores, hart_1_stores, NULL},
     both_stores_are_there},
    {"parent_and_child",
     "two owners store at once, and each sees its own",
     3,
     shared_by_two,
     {hart_0_stores, hart_1_stores, NULL},
     each_sees_its_own},
    {"fault_and_fork",
     "a child has the page as it was at one moment",
     2,
     one_space,
     {hart_0_stores_twice, hart_1_forks, NULL},
     fork_was_at_one_moment},
    {"stores_and_fork",
     "a child has two pages, written without a fault, as they were at one moment",
     2,
     two_pages,
     {hart_0_stores_twice, hart_1_forks, NULL},
     fork_was_at_one_moment},
    {"fault_and_fork_again",
     "the same, of a page that is shared already",
     2,
     shared_page,
     {hart_0_stores_twice, hart_1_forks, NULL},
     fork_was_at_one_moment},
    {"reuse_and_fork",
     "the same, when the page is about to be reused",
     2,
     left_alone,
     {hart_0_stores_twice, hart_1_forks, NULL},
     fork_was_at_one_moment},
    {"fork_and_fault_elsewhere",
     "fork shares a page that its other owner leaves",
     2,
     shared_by_two,
     {hart_0_forks, hart_1_stores, NULL},
     three_have_their_own},
    {"fault_and_unmap",
     "a store comes before an unmap, or fails",
     3,
     shared_page,
     {hart_0_stores_if_it_can, unmap_in_first, NULL},
     page_is_gone},
    {"fault_and_protect",
     "a store comes before the loss of its right, or fails",
     3,
     shared_page,
     {hart_0_stores_if_it_can, protect_first, NULL},
     page_is_read_only},
    {"fault_and_exit",
     "the last owner and the one that copies agree",
     3,
     shared_by_one,
     {hart_0_stores, destroy_second, NULL},
     first_has_stored},
    {"exit_and_exit",
     "two last references free one frame, once",
     2,
     shared_by_one,
     {destroy_first, destroy_second, NULL},
     give_back},
    {"unmap_and_unmap",
     "a page is unmapped by two threads at once",
     3,
     shared_page,
     {unmap_in_first, unmap_in_first, NULL},
     page_is_gone},
    {"unmap_on_both_sides",
     "two owners unmap at once",
     3,
     shared_by_one,
     {unmap_in_first, unmap_in_second, NULL},
     page_is_gone_in_both},
    {"copy_both_ways",
     "two copies that cross do not wait for each other",
     2,
     shared_page,
     {copy_there, copy_back, NULL},
     both_were_copied},
    {"store_and_send",
     "who gets a page by message has it as it was at one moment",
     3,
     receiver_of_a_page,
     {hart_0_stores, hart_1_gets_the_page, NULL},
     page_was_sent_at_one_moment},
    {0},
};

/* What stands beside it. */
const struct scenario memory_scenarios[] = {
    {"first_touches",
     "two stores to an untouched page both stay",
     3,
     nothing_touched,
     {hart_0_stores, hart_1_stores, NULL},
     both_stores_are_there},
    {"get_and_put",
     "a frame is freed by the last of its owners",
     9,
     frame_of_two,
     {put_frame, get_and_put_frame, NULL},
     frame_is_free},
    {"zero_and_count",
     "a free frame counts as free while it is zeroed",
     9,
     some_frames_free,
     {zero_one_ahead, count_free, NULL},
     all_were_counted},
    {0},
};
