/* Stale translations: what only a TLB that keeps an entry until it is fenced can show. */
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/mm/space.h"

static void parent_is_fenced(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    hart_run(0, parent);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 1)); /* hart 0 now holds a writable translation */
    struct aspace *child = forked(parent);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 2));
    CHECK_EQUAL(1, load(child, PAGE(0)));
    hart_run(0, NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

#define MANY 700 /* pages in two leaf tables */

static void every_page_is_fenced(void) {
    struct aspace *parent = space_with(MANY, READ_WRITE);
    hart_run(0, parent);
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(0, hart_store(0, PAGE(i), 1));
    struct aspace *child = forked(parent);
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(0, hart_store(0, PAGE(i), 2));
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(1, load(child, PAGE(i)));
    hart_run(0, NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Else the next fork finds nothing to downgrade, and does not fence what is stale since the first.
 */
static void failed_fork_is_fenced(void) {
    struct aspace *parent = space_with(MANY, READ_WRITE), *child = NULL;
    hart_run(0, parent);
    unsigned char value; /* of a page that needs a second leaf table, but loses no right */
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 1));
    CHECK_EQUAL(0, hart_load(0, PAGE(MANY - 1), &value));
    int error = -ENOMEM;
    for (size_t k = 0; error; k++) {
        frame_fail_after(k);
        error = vm_fork(parent, &child);
        frame_fail_after(SIZE_MAX);
    }
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 2));
    CHECK_EQUAL(1, load(child, PAGE(0)));
    hart_run(0, NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void old_frame_is_not_read(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    unsigned char value;
    hart_run(0, parent), hart_run(1, parent);
    CHECK_EQUAL(0, hart_load(1, PAGE(0), &value)); /* hart 1 translates to the shared frame */
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 7));
    CHECK_EQUAL(0, hart_load(1, PAGE(0), &value));
    CHECK_EQUAL(7, value);
    hart_run(0, NULL), hart_run(1, NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static bool copy_is_seen;
static void look_for_copy(void) {
    paddr_t address;
    copy_is_seen = hart_translate(1, PAGE(0), ACCESS_WRITE, &address);
}

/* Else hart 1 writes the new frame and, by an older translation, does not read it back. */
static void new_frame_waits_for_fence(struct aspace *as) {
    hart_run(0, as), hart_run(1, as);
    copy_is_seen = false;
    machine_at_fence = look_for_copy;
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 7));
    machine_at_fence = NULL;
    CHECK(!copy_is_seen);
    hart_run(0, NULL), hart_run(1, NULL);
}

static void copy_waits_for_fence(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    new_frame_waits_for_fence(parent);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void zeros_wait_for_fence(void) {
    struct aspace *as = space_with(1, READ_WRITE);
    CHECK_EQUAL(0, load(as, PAGE(0)));
    new_frame_waits_for_fence(as);
    aspace_destroy(as);
}

static void one_fence_a_copy(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    size_t before = machine_fences;
    store(parent, PAGE(0), 2);
    CHECK_EQUAL(1, machine_fences - before);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void reuse_needs_no_fence(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    aspace_destroy(forked(parent));
    size_t before = machine_fences;
    store(parent, PAGE(0), 2);
    CHECK_EQUAL(0, machine_fences - before);
    aspace_destroy(parent);
}

static void one_fence_a_fork(void) {
    struct aspace *parent = space_with(64, READ_WRITE);
    for (int i = 0; i < 64; i++)
        store(parent, PAGE(i), 1);
    protect(parent, PAGE(20), MAP_READ); /* three regions now */
    size_t before = machine_fences;
    struct aspace *child = forked(parent);
    CHECK_EQUAL(1, machine_fences - before);
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Pages that are sent into an address space where a hart runs, or out of one. */
static void send(struct aspace *to, struct aspace *from) {
    struct aspace *bad;
    size_t copied;
    CHECK_EQUAL(0, copy_between((struct user_range){to, PAGE(0), 2 * PAGE_SIZE},
                                (struct user_range){from, PAGE(0), 2 * PAGE_SIZE}, TRANSFER_SHARE,
                                &copied, &bad));
}

static void sent_pages_are_fenced(void) {
    struct aspace *from = space_with(2, READ_WRITE), *to = space_with(2, READ_WRITE);
    unsigned char value;
    for (int round = 0; round < 2; round++) { /* in both orders of the locks */
        hart_run(0, from), hart_run(2, to);
        CHECK_EQUAL(0, hart_store(0, PAGE(0), 1));
        CHECK_EQUAL(0, hart_store(2, PAGE(0), 2)); /* both may store without a fault now */
        send(to, from);
        CHECK_EQUAL(0, hart_load(2, PAGE(0), &value));
        CHECK_EQUAL(1, value);
        CHECK_EQUAL(0, hart_store(0, PAGE(0), 3));
        CHECK_EQUAL(0, hart_load(2, PAGE(0), &value));
        CHECK_EQUAL(1, value);
        CHECK_EQUAL(0, hart_store(2, PAGE(0), 4));
        CHECK_EQUAL(0, hart_load(0, PAGE(0), &value));
        CHECK_EQUAL(3, value);
        hart_run(0, NULL), hart_run(2, NULL);
        struct aspace *other = from;
        from = to;
        to = other;
    }
    aspace_destroy(from);
    aspace_destroy(to);
}

static void sent_elsewhere_is_fenced(void) {
    struct aspace *from = space_with(1, READ_WRITE), *to = space_with(1, READ_WRITE);
    size_t copied;
    struct aspace *bad;
    aspace_lock(to);
    CHECK_EQUAL(0, aspace_map(to, USER_MAP_BASE, PAGE_SIZE, READ_WRITE, REGION_KIND_PRIVATE));
    aspace_unlock(to);
    hart_run(0, from);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 1));
    CHECK_EQUAL(0, copy_between((struct user_range){to, USER_MAP_BASE, PAGE_SIZE},
                                (struct user_range){from, PAGE(0), PAGE_SIZE}, TRANSFER_SHARE,
                                &copied, &bad));
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 2));
    CHECK_EQUAL(1, load(to, USER_MAP_BASE));
    hart_run(0, NULL);
    aspace_destroy(from);
    aspace_destroy(to);
}

static struct aspace *receiver;
static bool receiver_is_free;
static void look_for_receiver(void) {
    receiver_is_free = receiver_is_free || !lock_is_held(&receiver->lock);
}

/* Else a thread of the receiver copies a page that a thread of the sender still writes. */
static void receivers_wait_for_the_fence(void) {
    struct aspace *from = space_with(2, READ_WRITE);
    receiver = space_with(2, READ_WRITE);
    for (int round = 0; round < 2; round++) {
        hart_run(0, from);
        CHECK_EQUAL(0, hart_store(0, PAGE(0), 1));
        receiver_is_free = false;
        size_t before = machine_fences;
        machine_at_fence = look_for_receiver;
        send(receiver, from);
        machine_at_fence = NULL;
        CHECK(machine_fences > before && !receiver_is_free);
        hart_run(0, NULL);
        struct aspace *other = from;
        from = receiver;
        receiver = other;
    }
    aspace_destroy(from);
    aspace_destroy(receiver);
}

static void discarded_pages_are_fenced(void) {
    struct aspace *as = space_with(3, READ_WRITE);
    unsigned char value;
    hart_run(0, as);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(0, hart_store(0, PAGE(i), 5));
    size_t before = machine_fences;
    aspace_lock(as);
    aspace_discard(as, PAGE(0), 2);
    aspace_unlock(as);
    CHECK_EQUAL(1, machine_fences - before);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(0, hart_load(0, PAGE(i), &value));
        CHECK_EQUAL(i == 2 ? 5 : 0, value);
    }
    hart_run(0, NULL);
    aspace_destroy(as);
}

/* What stands beside mm/cow.c: no mistake in it shows here. */
const struct test tlb_base_tests[] = {
    {"discarded_pages_are_fenced", "no stale translation leads to a discarded page",
     discarded_pages_are_fenced},
    {NULL, NULL, NULL},
};

const struct test tlb_tests[] = {
    {"parent_is_fenced", "no stale translation writes a shared page", parent_is_fenced},
    {"every_page_is_fenced", "the same for each of many pages in two leaf tables",
     every_page_is_fenced},
    {"failed_fork_is_fenced", "the same after a fork that failed half way", failed_fork_is_fenced},
    {"old_frame_is_not_read", "after a copy no hart reads the old frame", old_frame_is_not_read},
    {"copy_waits_for_fence", "a copy is shown when nobody reads the old frame",
     copy_waits_for_fence},
    {"zeros_wait_for_fence", "a page of zeros is shown when nobody reads the zero frame",
     zeros_wait_for_fence},
    {"sent_pages_are_fenced", "no stale translation leads to what was sent or replaced",
     sent_pages_are_fenced},
    {"sent_elsewhere_is_fenced", "the same when the page goes to another address",
     sent_elsewhere_is_fenced},
    {"receivers_wait_for_the_fence", "the sender's translations end before a page can be met",
     receivers_wait_for_the_fence},
    {NULL, NULL, NULL},
};

/* What only a mechanism that does not copy can pass. */
const struct test tlb_quality_tests[] = {
    {"one_fence_a_copy", "a page that is copied costs one fence", one_fence_a_copy},
    {"reuse_needs_no_fence", "the last owner stores without a fence", reuse_needs_no_fence},
    {"one_fence_a_fork", "fork fences once, however many pages and regions", one_fence_a_fork},
    {NULL, NULL, NULL},
};
