/* Copy-on-write: the rules that one hart can show. Runs on the build machine and in the kernel;
 * what needs a TLB that remembers is in tests/host/tlb_suite.c. */
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/audit.h"
#include "mm/counters.h"
#include "mm/cow.h"
#include "mm/fork.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/mm/space.h"

static void fork_copies_nothing(void) {
    struct aspace *parent = space_with(8, READ_WRITE);
    for (int i = 0; i < 8; i++)
        store(parent, PAGE(i), (unsigned char)i);
    size_t before = frame_free_count(), tables = pt_frame_count();
    struct aspace *child = forked(parent);
    size_t slabs = 1; /* at most one more frame for kernel objects */
    CHECK(before - frame_free_count() <= pt_frame_count() - tables + slabs);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(i, load(child, PAGE(i)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void writes_stay_apart(void) {
    struct aspace *parent = space_with(2, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    store(child, PAGE(0), 2);
    CHECK_EQUAL(1, load(parent, PAGE(0)));
    store(parent, PAGE(0), 3);
    CHECK_EQUAL(2, load(child, PAGE(0)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void copy_keeps_bytes(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    for (size_t i = 0; i < PAGE_SIZE; i += 64)
        store(parent, PAGE(0) + i, (unsigned char)(i / 64 + 1));
    store(parent, PAGE(0) + PAGE_SIZE - 1, 98);
    struct aspace *child = forked(parent);
    store(child, PAGE(0) + 1, 99);
    for (size_t i = 0; i < PAGE_SIZE; i += 64) {
        CHECK_EQUAL(i / 64 + 1, load(child, PAGE(0) + i));
        CHECK_EQUAL(i / 64 + 1, load(parent, PAGE(0) + i));
    }
    CHECK_EQUAL(98, load(child, PAGE(0) + PAGE_SIZE - 1));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void last_owner_reuses(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    aspace_destroy(forked(parent));
    uint64_t copies = vm_counters.copies, reuses = vm_counters.reuses;
    size_t free = frame_free_count();
    frame_fail_after(0);
    store(parent, PAGE(0), 2); /* works with no frame left */
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(free, frame_free_count());
    CHECK_EQUAL(0, vm_counters.copies - copies);
    CHECK_EQUAL(1, vm_counters.reuses - reuses);
    aspace_destroy(parent);
}

static void fork_of_fork(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    struct aspace *grandchild = forked(child);
    store(grandchild, PAGE(0), 3);
    store(child, PAGE(0), 2);
    CHECK_EQUAL(1, load(parent, PAGE(0)));
    CHECK_EQUAL(2, load(child, PAGE(0)));
    CHECK_EQUAL(3, load(grandchild, PAGE(0)));
    aspace_destroy(child);
    aspace_destroy(grandchild);
    aspace_destroy(parent);
}

static void chain_without_middle(void) {
    struct aspace *chain[50];
    chain[0] = space_with(4, READ_WRITE);
    for (int i = 0; i < 4; i++)
        store(chain[0], PAGE(i), (unsigned char)(10 + i));
    for (int i = 1; i < 50; i++) {
        chain[i] = forked(chain[i - 1]);
        store(chain[i], PAGE(i % 4), (unsigned char)i);
    }
    for (int i = 1; i < 49; i++)
        aspace_destroy(chain[i]);
    CHECK_EQUAL(49, load(chain[49], PAGE(1)));
    CHECK_EQUAL(48, load(chain[49], PAGE(0)));
    CHECK_EQUAL(10, load(chain[0], PAGE(0)));
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(chain[49]);
    aspace_destroy(chain[0]);
}

static void three_hundred_sharers(void) {
    static struct aspace *spaces[300];
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 9);
    for (int i = 0; i < 300; i++)
        spaces[i] = forked(parent);
    CHECK_EQUAL(301, frame_count(pte_frame(*pt_find(&parent->pt, PAGE(0)))));
    for (int i = 0; i < 299; i++)
        store(spaces[i], PAGE(0), 1);
    CHECK_EQUAL(9, load(spaces[299], PAGE(0)));
    CHECK_EQUAL(9, load(parent, PAGE(0)));
    CHECK_EQUAL(0, audit_run());
    for (int i = 0; i < 300; i++)
        aspace_destroy(spaces[i]);
    aspace_destroy(parent);
}

/* References that nobody has an entry for stand for as many sharers. */
static void count_holds_17_bits(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 9);
    struct aspace *child = forked(parent);
    paddr_t frame = pte_frame(*pt_find(&parent->pt, PAGE(0)));
    for (int i = 0; i < 65535; i++)
        CHECK_EQUAL(0, frame_get(frame));
    store(child, PAGE(0), 1); /* the count was 65,537 */
    CHECK_EQUAL(9, load(parent, PAGE(0)));
    for (int i = 0; i < 65535; i++)
        frame_put(frame);
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Who needs no frame may store. */
static void full_memory_is_told(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    hart_run(0, child);
    frame_fail_after(0);
    int error = hart_store(0, PAGE(0), 2);
    frame_fail_after(SIZE_MAX);
    hart_run(0, NULL);
    CHECK(error == 0 || error == -ENOMEM);
    CHECK_EQUAL(error ? 1 : 2, load(child, PAGE(0)));
    CHECK_EQUAL(1, load(parent, PAGE(0)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static bool may_execute(struct aspace *as, vaddr_t va) {
    return (pte_load(pt_find(&as->pt, va)) & PTE_EXECUTE) != 0;
}

static void rights_come_back_whole(void) {
    struct aspace *parent = space_with(1, READ_WRITE | MAP_EXEC);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    CHECK(may_execute(parent, PAGE(0)) && may_execute(child, PAGE(0)));
    store(child, PAGE(0), 2);  /* the first to store copies */
    store(parent, PAGE(0), 3); /* the last owner does not */
    CHECK(may_execute(parent, PAGE(0)) && may_execute(child, PAGE(0)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Pages at both ends of three leaf tables, and none between them. */
#define TABLE_PAGES (PT_LEAF_TABLE_BYTES / PAGE_SIZE)
#define TABLES_BASE (USER_MAP_BASE + PT_LEAF_TABLE_BYTES)
static vaddr_t at_border(size_t i) {
    return TABLES_BASE + i / 2 * PT_LEAF_TABLE_BYTES +
           (i % 2 ? PT_LEAF_TABLE_BYTES - PAGE_SIZE : 0);
}

static struct aspace *space_of_three_tables(void) {
    struct aspace *as = space_with(1, READ_WRITE);
    aspace_lock(as);
    CHECK_EQUAL(
        0, aspace_map(as, TABLES_BASE, 3 * PT_LEAF_TABLE_BYTES, READ_WRITE, REGION_KIND_PRIVATE));
    aspace_unlock(as);
    for (size_t i = 0; i < 6; i++)
        store(as, at_border(i), (unsigned char)(i + 1));
    return as;
}

static void fork_at_borders(void) {
    struct aspace *parent = space_of_three_tables();
    struct aspace *child = forked(parent);
    CHECK_EQUAL(aspace_resident_count(parent), aspace_resident_count(child));
    for (size_t i = 0; i < 6; i++) {
        CHECK_EQUAL(i + 1, load(child, at_border(i)));
        store(child, at_border(i), 9);
        CHECK_EQUAL(i + 1, load(parent, at_border(i)));
    }
    CHECK_EQUAL(0, load(child, at_border(0) + PAGE_SIZE));
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* The contract of cow_share itself: the borders of leaf tables lie elsewhere on either side. */
static void share_over_borders(void) {
    struct aspace *from = space_of_three_tables(), *to = space_with(1, READ_WRITE);
    vaddr_t start = TABLES_BASE + 3 * PAGE_SIZE, to_start = TABLES_BASE + 5 * PAGE_SIZE;
    size_t npages = 2 * TABLE_PAGES;
    uint64_t distance = to_start - start;
    aspace_lock_two(from, to);
    CHECK_EQUAL(
        0, aspace_map(to, TABLES_BASE, 3 * PT_LEAF_TABLE_BYTES, READ_WRITE, REGION_KIND_PRIVATE));
    region_add_resident(aspace_find(to, to_start),
                        (struct range){to_start, to_start + npages * PAGE_SIZE});
    CHECK_EQUAL(0, cow_share(from, start, to, to_start, npages));
    pt_fence_flush(&from->pt);
    aspace_unlock_two(from, to);
    CHECK_EQUAL(4, aspace_resident_count(to)); /* the second to the fifth */
    for (size_t i = 1; i < 5; i++) {
        CHECK_EQUAL(i + 1, load(to, at_border(i) + distance));
        store(from, at_border(i), 9);
        CHECK_EQUAL(i + 1, load(to, at_border(i) + distance));
    }
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(from);
    aspace_destroy(to);
}

static void read_only_stays(void) {
    struct aspace *parent = space_with(3, READ_WRITE);
    store(parent, PAGE(1), 1);
    protect(parent, PAGE(1), MAP_READ | MAP_EXEC);
    struct aspace *child = forked(parent);
    CHECK_EQUAL(0, audit_run());
    hart_run(0, child);
    CHECK_EQUAL(-EACCES, hart_store(0, PAGE(1), 2));
    CHECK_EQUAL(-EACCES, copy_out(child, PAGE(1), "x", 1));
    hart_run(0, parent);
    CHECK_EQUAL(-EACCES, hart_store(0, PAGE(1), 2));
    hart_run(0, NULL);
    CHECK_EQUAL(1, load(parent, PAGE(1)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void protect_keeps_sharing(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    protect(parent, PAGE(0), MAP_READ);
    struct aspace *child = forked(parent);
    protect(parent, PAGE(0), READ_WRITE);
    store(parent, PAGE(0), 2);
    CHECK_EQUAL(1, load(child, PAGE(0)));
    protect(child, PAGE(0), READ_WRITE);
    store(child, PAGE(0), 3);
    CHECK_EQUAL(2, load(parent, PAGE(0)));
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void untouched_is_zero(void) {
    struct aspace *parent = space_with(4, READ_WRITE);
    CHECK_EQUAL(0, load(parent, PAGE(0))); /* the zero frame */
    struct aspace *child = forked(parent);
    uint64_t copies = vm_counters.copies;
    store(child, PAGE(0), 1);
    store(parent, PAGE(1) + 5, 1);
    CHECK_EQUAL(0, vm_counters.copies - copies);
    CHECK_EQUAL(0, load(parent, PAGE(0)));
    for (size_t i = 0; i < PAGE_SIZE; i++)
        CHECK_EQUAL(i == 5, load(parent, PAGE(1) + i));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void copy_out_unshares(void) {
    struct aspace *parent = space_with(3, READ_WRITE);
    for (int i = 0; i < 3; i++)
        store(parent, PAGE(i), 1);
    struct aspace *child = forked(parent);
    static char bytes[2 * 4096 + 2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 7;
    CHECK_EQUAL(0, copy_out(child, PAGE(1) - 1, bytes, sizeof bytes - 1 + 0));
    CHECK_EQUAL(7, load(child, PAGE(1)));
    CHECK_EQUAL(7, load(child, PAGE(2)));
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(1, load(parent, PAGE(i)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void full_memory_in_copy_out(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    store(parent, PAGE(0), 1);
    struct aspace *child = forked(parent);
    frame_fail_after(0);
    CHECK_EQUAL(-ENOMEM, copy_out(child, PAGE(0), "\7", 1));
    CHECK_EQUAL(-ENOMEM, vm_fault(child, PAGE(0), ACCESS_WRITE));
    frame_fail_after(SIZE_MAX);
    CHECK_EQUAL(1, load(parent, PAGE(0)));
    CHECK_EQUAL(1, load(child, PAGE(0)));
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void fork_all_or_nothing(void) {
    struct aspace *parent = space_with(8, READ_WRITE);
    for (int i = 0; i < 8; i++)
        store(parent, PAGE(i), (unsigned char)i);
    aspace_lock(parent);
    CHECK_EQUAL(0,
                aspace_map(parent, USER_MAP_BASE, 2 * PAGE_SIZE, READ_WRITE, REGION_KIND_SHARED));
    aspace_unlock(parent);
    size_t before = frame_free_count();
    for (size_t k = 0;; k++) {
        struct aspace *child = NULL;
        frame_fail_after(k);
        int error = vm_fork(parent, &child);
        frame_fail_after(SIZE_MAX);
        CHECK_EQUAL(0, audit_run());
        if (error == 0) {
            CHECK(k > 3);
            aspace_destroy(child);
            break;
        }
        CHECK_EQUAL(-ENOMEM, error);
        CHECK_EQUAL(before, frame_free_count());
        store(parent, PAGE(k % 8), (unsigned char)(k % 8));
    }
    CHECK_EQUAL(before, frame_free_count());
    aspace_destroy(parent);
}

static void shared_region_is_one(void) {
    struct aspace *parent = space_with(1, READ_WRITE);
    aspace_lock(parent);
    CHECK_EQUAL(0,
                aspace_map(parent, USER_MAP_BASE, 2 * PAGE_SIZE, READ_WRITE, REGION_KIND_SHARED));
    aspace_unlock(parent);
    struct aspace *child = forked(parent);
    store(child, USER_MAP_BASE + PAGE_SIZE, 5);
    CHECK_EQUAL(5, load(parent, USER_MAP_BASE + PAGE_SIZE));
    CHECK_EQUAL(0, audit_run());
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void bad_addresses(void) {
    struct aspace *as = space_with(2, READ_WRITE);
    const vaddr_t bad[] = {
        0, BASE - 1, PAGE(2), USER_END - 1, USER_END, UINT64_MAX, UINT64_C(0xffffffc080200000)};
    for (size_t i = 0; i < array_length(bad); i++) {
        CHECK_EQUAL(-EFAULT, vm_fault(as, bad[i], ACCESS_WRITE));
        CHECK_EQUAL(-EFAULT, copy_out(as, bad[i], "x", 1));
    }
    CHECK_EQUAL(-EFAULT, copy_out(as, PAGE(2) - 1, "xy", 2));
    aspace_destroy(as);
}

static void device_pages_are_not_counted(void) {
    struct aspace *as = space_with(1, READ_WRITE);
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_map_device(as, USER_MAP_BASE, 0x10000000, PAGE_SIZE, READ_WRITE));
    aspace_unlock(as);
    struct aspace *child = forked(as);
    CHECK_EQUAL(-EFAULT, copy_out(child, USER_MAP_BASE, "x", 1));
    CHECK_EQUAL(0, audit_run());
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_unmap(as, USER_MAP_BASE, PAGE_SIZE));
    aspace_unlock(as);
    aspace_destroy(child);
    aspace_destroy(as);
}

/* ---- Random operations against a plain model ---- */

#define MODEL_SPACES 6
#define MODEL_PAGES 12

static struct {
    struct aspace *as;
    unsigned char bytes[MODEL_PAGES];
} model[MODEL_SPACES];

/* Some pages go by message, to the same place or another one. */
static void model_send(int from, int to) {
    int first = (int)(check_random() % MODEL_PAGES), n = (int)(check_random() % MODEL_PAGES) + 1;
    int target = check_random() % 2 ? first : (int)(check_random() % MODEL_PAGES);
    int room = MODEL_PAGES - (first > target ? first : target);
    n = n < room ? n : room;
    struct aspace *bad;
    size_t copied;
    CHECK_EQUAL(
        0, copy_between((struct user_range){model[to].as, PAGE(target), (size_t)n * PAGE_SIZE},
                        (struct user_range){model[from].as, PAGE(first), (size_t)n * PAGE_SIZE},
                        TRANSFER_SHARE, &copied, &bad));
    memcpy(model[to].bytes + target, model[from].bytes + first, (size_t)n);
}

static void model_step(int from, int to, int page, unsigned char value) {
    if (!model[from].as)
        return;
    if (model[to].as && from != to && check_random() % 4 == 0) {
        model_send(from, to);
    } else if ((int)check_random() % 4 == 0 && from != to) {
        if (model[to].as)
            aspace_destroy(model[to].as);
        model[to] = model[from];
        model[to].as = forked(model[from].as);
    } else if ((int)check_random() % 2) {
        store(model[from].as, PAGE(page), value);
        model[from].bytes[page] = value;
    } else {
        CHECK_EQUAL(model[from].bytes[page], load(model[from].as, PAGE(page)));
    }
}

static void random_against_model(void) {
    print("  seed %lu\n", check_seed);
    model[0].as = space_with(MODEL_PAGES, READ_WRITE);
    for (int i = 0; i < 3000; i++) {
        model_step((int)check_random() % MODEL_SPACES, (int)check_random() % MODEL_SPACES,
                   (int)check_random() % MODEL_PAGES, (unsigned char)(int)check_random());
        if (i % 100 == 0)
            CHECK_EQUAL(0, audit_run());
    }
    for (int i = 0; i < MODEL_SPACES; i++)
        if (model[i].as)
            aspace_destroy(model[i].as);
}

/* What stands beside mm/cow.c: no mistake in it shows here. */
const struct test space_tests[] = {
    {"shared_region_is_one", "a shared region stays one memory", shared_region_is_one},
    {"bad_addresses", "no address stops the kernel", bad_addresses},
    {"device_pages_are_not_counted", "a device page has no count", device_pages_are_not_counted},
    {NULL, NULL, NULL},
};

const struct test cow_tests[] = {
    {"writes_stay_apart", "a store after fork is seen on its own side only", writes_stay_apart},
    {"copy_keeps_bytes", "a copied page has every byte of the old one", copy_keeps_bytes},
    {"count_holds_17_bits", "a count holds more than 16 bits", count_holds_17_bits},
    {"full_memory_is_told", "a store that finds no frame fails, and changes no byte",
     full_memory_is_told},
    {"rights_come_back_whole", "a page that is written again may be executed as before",
     rights_come_back_whole},
    {"fork_at_borders", "pages at both ends of each leaf table are shared", fork_at_borders},
    {"share_over_borders", "the two sides may lie differently in their leaf tables",
     share_over_borders},
    {"fork_of_fork", "a page shared twice is still copied on write", fork_of_fork},
    {"chain_without_middle", "50 forks deep, the middle ones gone", chain_without_middle},
    {"read_only_stays", "a read-only page never becomes writable", read_only_stays},
    {"protect_keeps_sharing", "protect never makes a shared page writable", protect_keeps_sharing},
    {"copy_out_unshares", "the kernel's stores unshare every page of a buffer", copy_out_unshares},
    {"fork_all_or_nothing", "fork fails whole at every allocation", fork_all_or_nothing},
    {"random_against_model", "any order of forks, messages, stores and ends", random_against_model},
    {NULL, NULL, NULL},
};

/* What only a mechanism that does not copy can pass. */
const struct test cow_quality_tests[] = {
    {"fork_copies_nothing", "fork needs frames for page tables and no others", fork_copies_nothing},
    {"last_owner_reuses", "the last owner copies nothing and needs no memory", last_owner_reuses},
    {"untouched_is_zero", "fresh pages are zero and cost no copy", untouched_is_zero},
    {"three_hundred_sharers", "a count holds more than 8 bits", three_hundred_sharers},
    {"full_memory_in_copy_out", "full memory changes no byte on either side",
     full_memory_in_copy_out},
    {NULL, NULL, NULL},
};
