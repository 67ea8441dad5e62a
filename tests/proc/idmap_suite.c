/* Numbers to pointers. */
#include "lib/errno.h"
#include "mm/pmm.h"
#include "proc/idmap.h"
#include "tests/check.h"

static char things[300];

static void lowest_is_given(void) {
    struct idmap map = {0};
    long id = -1;
    for (int i = 0; i < 300; i++) {
        CHECK_EQUAL(0, idmap_add(&map, 0, &things[i], &id));
        CHECK_EQUAL(i, id);
    }
    CHECK(idmap_remove(&map, 70) == &things[70] && idmap_remove(&map, 3) == &things[3]);
    CHECK_EQUAL(0, idmap_add(&map, 4, &things[70], &id));
    CHECK_EQUAL(70, id);
    CHECK_EQUAL(0, idmap_add(&map, 0, &things[3], &id));
    CHECK_EQUAL(3, id);
    CHECK_EQUAL(0, idmap_add(&map, 100000, &things[0], &id));
    CHECK_EQUAL(100000, id);
    for (int i = 0; i < 300; i++)
        CHECK(idmap_find(&map, i) == &things[i] && idmap_remove(&map, i) == &things[i]);
    CHECK(idmap_remove(&map, 100000) == &things[0]);
    CHECK(map.root == NULL);
}

static void numbers_out_of_reach(void) {
    struct idmap map = {0};
    long id;
    CHECK(idmap_find(&map, 0) == NULL && idmap_remove(&map, 5) == NULL);
    CHECK_EQUAL(-EMFILE, idmap_set(&map, IDMAP_ID_MAX + 1L, things));
    CHECK_EQUAL(0, idmap_set(&map, IDMAP_ID_MAX, things));
    CHECK_EQUAL(-EMFILE, idmap_add(&map, IDMAP_ID_MAX, things, &id));
    CHECK(idmap_find(&map, -1) == NULL && idmap_find(&map, 0x7fffffffffffffff) == NULL);
    CHECK(idmap_remove(&map, IDMAP_ID_MAX) == things);
}

static void numbers_come_again_late(void) {
    struct idmap map = {0};
    long id, next = 1;
    for (long expected = 1; expected < 200; expected++) {
        CHECK_EQUAL(0, idmap_add_next(&map, 1, &next, things, &id));
        CHECK_EQUAL(expected, id);
        CHECK(idmap_remove(&map, id) == things);
    }
    next = IDMAP_ID_MAX;
    CHECK_EQUAL(0, idmap_set(&map, 1, things));
    CHECK_EQUAL(0, idmap_add_next(&map, 1, &next, things, &id));
    CHECK_EQUAL(IDMAP_ID_MAX, id);
    CHECK_EQUAL(0, idmap_add_next(&map, 1, &next, things, &id));
    CHECK_EQUAL(2, id);
    CHECK(idmap_remove(&map, 1) && idmap_remove(&map, 2) && idmap_remove(&map, IDMAP_ID_MAX));
    CHECK(map.root == NULL);
}

static void next_goes_in_order(void) {
    static const long numbers[] = {0, 5, 63, 64, 4095, 4096, 70000};
    struct idmap map = {0};
    for (size_t i = 0; i < array_length(numbers); i++)
        CHECK_EQUAL(0, idmap_set(&map, numbers[i], &things[i]));
    long id = 0;
    for (size_t i = 0; i < array_length(numbers); i++, id++) {
        CHECK(idmap_next(&map, &id) == &things[i]);
        CHECK_EQUAL(numbers[i], id);
    }
    CHECK(idmap_next(&map, &id) == NULL);
    for (size_t i = 0; i < array_length(numbers); i++)
        CHECK(idmap_remove(&map, numbers[i]) == &things[i]);
}

static void full_memory_changes_nothing(void) {
    struct idmap map = {0};
    long id;
    CHECK_EQUAL(0, idmap_set(&map, 1, things));
    for (size_t k = 0;; k++) {
        frame_fail_after(0);
        int error = idmap_add(&map, 64 << (6 * k % 12), things, &id);
        frame_fail_after(SIZE_MAX);
        if (error == 0)
            idmap_remove(&map, id);
        CHECK(error == 0 || error == -ENOMEM);
        CHECK(idmap_find(&map, 1) == things);
        if (k == 8)
            break;
    }
    /* A slab holds seven nodes: enough numbers far apart need another one. */
    frame_fail_after(0);
    int error = 0;
    long far = 0;
    while (!error)
        error = idmap_set(&map, far += 64, things);
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(-ENOMEM, error);
    CHECK(idmap_find(&map, far) == NULL);
    for (far -= 64; far > 0; far -= 64)
        CHECK(idmap_remove(&map, far) == things);
    CHECK(idmap_remove(&map, 1) == things && map.root == NULL);
}

const struct test idmap_tests[] = {
    {"lowest_is_given", "the lowest free number is given, as POSIX wants", lowest_is_given},
    {"numbers_out_of_reach", "no number stops the kernel", numbers_out_of_reach},
    {"numbers_come_again_late", "a number that is free again is given when all others were",
     numbers_come_again_late},
    {"next_goes_in_order", "all numbers in use are met, in order", next_goes_in_order},
    {"full_memory_changes_nothing", "full memory leaves the map as it was",
     full_memory_changes_nothing},
    {NULL, NULL, NULL},
};
