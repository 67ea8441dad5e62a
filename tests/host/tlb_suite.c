/* Stale translations: what only a TLB that keeps an entry until it is fenced can show. */
#include "mm/pmm.h"
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

/* Else hart 1 writes the copy and, by an older translation, does not read it back. */
static void copy_waits_for_fence(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    hart_run(0, parent), hart_run(1, parent);
    size_t before = machine_fences;
    machine_at_fence = look_for_copy;
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 7));
    machine_at_fence = NULL;
    CHECK_EQUAL(1, machine_fences - before);
    CHECK(!copy_is_seen);
    hart_run(0, NULL), hart_run(1, NULL);
    aspace_destroy(child);
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

const struct test tlb_tests[] = {
    {"parent_is_fenced", "no stale translation writes a shared page", parent_is_fenced},
    {"old_frame_is_not_read", "after a copy no hart reads the old frame", old_frame_is_not_read},
    {"copy_waits_for_fence", "a copy is shown when nobody reads the old frame",
     copy_waits_for_fence},
    {"one_fence_a_fork", "fork fences once, however many pages and regions", one_fence_a_fork},
    {NULL, NULL, NULL},
};
