/* Frames, caches and the walker: what copy-on-write stands on. */
#include "lib/errno.h"
#include "mm/cache.h"
#include "mm/pmm.h"
#include "mm/pt.h"
#include "tests/check.h"
#include "tests/mm/space.h"

static bool all_zero(paddr_t frame) {
    const unsigned char *bytes = frame_address(frame);
    for (size_t i = 0; i < PAGE_SIZE; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void fill(paddr_t frame, unsigned char value) {
    unsigned char *bytes = frame_address(frame);
    for (size_t i = 0; i < PAGE_SIZE; i++)
        bytes[i] = value;
}

static void count_follows_references(void) {
    paddr_t frame = frame_alloc();
    size_t free = frame_free_count();
    CHECK_EQUAL(1, frame_count(frame));
    CHECK_EQUAL(0, frame_get(frame));
    CHECK_EQUAL(2, frame_count(frame));
    frame_put(frame);
    CHECK_EQUAL(free, frame_free_count());
    frame_put(frame);
    CHECK_EQUAL(free + 1, frame_free_count());
    CHECK_EQUAL(0, frame_count(frame));
}

static void zeroed_is_zero(void) {
    paddr_t frames[8];
    for (int i = 0; i < 8; i++) {
        frames[i] = frame_alloc();
        fill(frames[i], 0xa5);
    }
    for (int i = 0; i < 8; i++)
        frame_put(frames[i]);
    CHECK(frame_zero_ahead(4));
    for (int i = 0; i < 8; i++) {
        frames[i] = frame_alloc_zeroed();
        CHECK(all_zero(frames[i]));
    }
    for (int i = 0; i < 8; i++)
        frame_put_zeroed(frames[i]);
    CHECK(all_zero(zero_frame));
}

static void full_memory_is_an_answer(void) {
    paddr_t frame = frame_alloc();
    frame_fail_after(0);
    CHECK_EQUAL(FRAME_NONE, frame_alloc());
    CHECK_EQUAL(FRAME_NONE, frame_alloc_zeroed());
    frame_fail_after(SIZE_MAX);
    frame_put(frame);
}

struct thing {
    uint64_t words[12];
};

static struct cache things = CACHE_INIT("things", struct thing);

static void cache_gives_back(void) {
    static struct thing *made[200];
    size_t free = frame_free_count();
    for (int i = 0; i < 200; i++) {
        made[i] = cache_alloc(&things);
        CHECK_EQUAL(0, made[i]->words[11]);
        made[i]->words[0] = made[i]->words[11] = (uint64_t)i;
    }
    CHECK(frame_free_count() < free);
    for (int i = 0; i < 200; i++)
        CHECK(made[i]->words[0] == (uint64_t)i && made[i]->words[11] == (uint64_t)i);
    for (int i = 0; i < 200; i += 2)
        cache_free(&things, made[i]);
    for (int i = 1; i < 200; i += 2)
        cache_free(&things, made[i]);
    CHECK_EQUAL(free, frame_free_count());
}

static void cache_without_memory(void) {
    frame_fail_after(0);
    CHECK(cache_alloc(&things) == NULL);
    frame_fail_after(SIZE_MAX);
}

static void walker_finds_what_it_made(void) {
    static const vaddr_t addresses[] = {0, USER_STACK_TOP - PAGE_SIZE, USER_IMAGE_BASE,
                                        USER_MAP_BASE, USER_END - PAGE_SIZE};
    struct page_table pt;
    size_t tables = pt_frame_count();
    CHECK_EQUAL(0, pt_create(&pt));
    for (size_t i = 0; i < array_length(addresses); i++) {
        /* The stack's end and the program lie under one leaf table. */
        CHECK_EQUAL(i == 2, pt_find(&pt, addresses[i]) != NULL);
        pte_t *entry = pt_ensure(&pt, addresses[i]);
        CHECK(entry != NULL && pte_load(entry) == 0);
        CHECK(pt_find(&pt, addresses[i]) == entry);
    }
    pt_destroy(&pt);
    CHECK_EQUAL(tables, pt_frame_count());
}

static void walker_without_memory(void) {
    struct page_table pt;
    CHECK_EQUAL(0, pt_create(&pt));
    for (size_t k = 0; k < 2; k++) {
        frame_fail_after(k);
        CHECK(pt_ensure(&pt, USER_MAP_BASE + k * (USER_MAP_BASE >> 1)) == NULL);
    }
    frame_fail_after(0);
    struct page_table none;
    CHECK_EQUAL(-ENOMEM, pt_create(&none));
    frame_fail_after(SIZE_MAX);
    pt_destroy(&pt);
}

static void unmap_splits_and_joins(void) {
    struct aspace *as = space_with(9, READ_WRITE);
    for (int i = 0; i < 9; i++)
        store(as, PAGE(i), (unsigned char)(i + 1));
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_unmap(as, PAGE(3), 3 * PAGE_SIZE));
    CHECK(aspace_find(as, PAGE(2)) != aspace_find(as, PAGE(6)));
    CHECK(aspace_find(as, PAGE(3)) == NULL && aspace_find(as, PAGE(5)) == NULL);
    CHECK_EQUAL(-EEXIST, aspace_map(as, PAGE(2), 2 * PAGE_SIZE, MAP_READ, REGION_KIND_PRIVATE));
    CHECK_EQUAL(0, aspace_map(as, PAGE(3), 3 * PAGE_SIZE, READ_WRITE, REGION_KIND_PRIVATE));
    CHECK(aspace_find(as, PAGE(0)) == aspace_find(as, PAGE(8)));
    CHECK_EQUAL(-EINVAL, aspace_map(as, USER_END, PAGE_SIZE, MAP_READ, REGION_KIND_PRIVATE));
    CHECK_EQUAL(-EINVAL, aspace_map(as, 0, USER_END + PAGE_SIZE, MAP_READ, REGION_KIND_PRIVATE));
    CHECK_EQUAL(-EINVAL, aspace_map(as, 1, PAGE_SIZE, MAP_READ, REGION_KIND_PRIVATE));
    CHECK_EQUAL(-EINVAL, aspace_map(as, 0, PAGE_SIZE, MAP_WRITE, REGION_KIND_PRIVATE));
    aspace_unlock(as);
    CHECK_EQUAL(3, load(as, PAGE(2)));
    CHECK_EQUAL(0, load(as, PAGE(3)));
    CHECK_EQUAL(7, load(as, PAGE(6)));
    aspace_destroy(as);
}

static void heap_moves(void) {
    struct aspace *as = space_with(1, READ_WRITE);
    vaddr_t now;
    aspace_lock(as);
    aspace_init_heap(as, PAGE(1));
    CHECK_EQUAL(0, aspace_set_heap(as, PAGE(3) + 1, &now));
    CHECK_EQUAL(PAGE(4), now);
    CHECK_EQUAL(-EINVAL, aspace_set_heap(as, PAGE(0), &now));
    CHECK_EQUAL(-ENOMEM, aspace_set_heap(as, USER_END, &now));
    aspace_unlock(as);
    store(as, PAGE(3), 1);
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_set_heap(as, PAGE(1), &now));
    CHECK_EQUAL(PAGE(1), now);
    CHECK(aspace_find(as, PAGE(1)) == NULL);
    aspace_unlock(as);
    aspace_destroy(as);
}

const struct test frame_tests[] = {
    {"count_follows_references", "a frame is free when its last reference goes",
     count_follows_references},
    {"zeroed_is_zero", "a zeroed frame is all zeros, whoever had it before", zeroed_is_zero},
    {"full_memory_is_an_answer", "full memory is an answer and no panic", full_memory_is_an_answer},
    {"cache_gives_back", "an empty slab's frame is free again", cache_gives_back},
    {"cache_without_memory", "no frame for a slab is an answer", cache_without_memory},
    {"walker_finds_what_it_made", "an entry is found where it was made, to the last page",
     walker_finds_what_it_made},
    {"walker_without_memory", "no frame for a table loses no table", walker_without_memory},
    {"unmap_splits_and_joins", "regions split, and join when they are alike",
     unmap_splits_and_joins},
    {"heap_moves", "the heap grows by pages, shrinks, and stays in its limits", heap_moves},
    {NULL, NULL, NULL},
};
