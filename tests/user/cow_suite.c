/* Copy-on-write as a process sees it: who sees whose bytes, what a page costs, and what the
 * counters say. Each test guards a mistake that copy-on-write kernels have made. */
#include <string.h>
#include <unistd.h>

#include "tests/user/user.h"

#define N 8 /* pages of most tests */
#define PAGE USER_PAGE_SIZE

static char *pages; /* of the test that runs */
static struct gate gate;

static void expect_pages(long value) { CHECK(pages_hold(pages, N, (int)value)); }

static void write_pages(long value) {
    pages_fill(pages, N, (int)value);
    expect_pages(value);
}

static void wait_then_expect(long value) {
    gate_wait(&gate);
    expect_pages(value);
}

/* ---- Who sees what ---- */

static void parent_writes_first(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    gate_make(&gate);
    int child = child_start(wait_then_expect, 100);
    pages_fill(pages, N, 200); /* at once, through whatever translations are left */
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
    expect_pages(200);
}

static void child_writes_first(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(write_pages, 300));
    expect_pages(100);
}

static void grandchildren(long value) {
    int grandchild = child_start(write_pages, value + 1);
    int another = child_start(expect_pages, 100);
    CHECK_EQUAL(0, child_wait(grandchild));
    CHECK_EQUAL(0, child_wait(another));
    expect_pages(100);
    write_pages(value);
}

static void fork_before_any_write(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    int first = child_start(grandchildren, 300), second = child_start(grandchildren, 400);
    write_pages(200);
    CHECK_EQUAL(0, child_wait(first));
    CHECK_EQUAL(0, child_wait(second));
    expect_pages(200);
}

static void chain(long depth) {
    write_pages(1000 * depth);
    if (depth > 0)
        CHECK_EQUAL(0, child_run(chain, depth - 1));
    expect_pages(1000 * depth);
}

static void chains_of_fifty(void) {
    pages = pages_map(N, 0);
    CHECK_EQUAL(0, child_run(chain, 50));
    CHECK(pages_hold(pages, 1, 0));
}

static void write_half(long value) {
    for (int i = 0; i < N; i += 2)
        pages[i * PAGE + 8] = (char)value;
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(i % 2 ? 0 : value, pages[i * PAGE + 8]);
    expect_pages(100);
}

static void rest_of_a_page_is_kept(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(write_half, 7));
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, pages[i * PAGE + 8]);
}

static void unmapped_by_one(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    gate_make(&gate);
    int child = child_start(wait_then_expect, 100);
    pages_unmap(pages, N);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

static void heap_regrown(long nbytes) {
    char *end = sbrk(0);
    sbrk(nbytes);
    memset(end, 1, (size_t)nbytes);
    sbrk(-nbytes);
    sbrk(nbytes);
    for (long i = 0; i < nbytes; i++)
        if (end[i] != 0)
            CHECK_EQUAL(0, end[i]);
}

static void heap_comes_back_zero(void) {
    heap_regrown(5 * PAGE);
    CHECK_EQUAL(0, child_run(heap_regrown, 9 * PAGE));
}

/* ---- Shared memory ---- */

static void shared_child(long value) {
    CHECK_EQUAL(0, child_run(write_pages, value));
    expect_pages(value);
    write_pages(value + 1);
}

static void shared_stays_shared(void) {
    pages = pages_map(N, MAP_SHARE);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(shared_child, 300));
    expect_pages(301);
    struct memory_info before = memory_now();
    write_pages(5);
    CHECK_EQUAL(before.copies, memory_now().copies);
    CHECK_EQUAL(0, page_of(getpid(), pages).flags & PAGE_COW);
}

/* ---- Costs ---- */

static void wait_only(long ignored) {
    (void)ignored;
    gate_wait(&gate);
}

static void last_owner_reuses(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(expect_pages, 100));
    pages_fill((char *)&(char[PAGE]){0}, 1, 0); /* the stack pages that the checks use */
    struct memory_info before = memory_now(), after;
    pages_fill(pages, N, 200);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.copies, after.copies);
    CHECK_EQUAL(before.reuses + N, after.reuses);
    CHECK_EQUAL(before.faults + N, after.faults);
    CHECK_EQUAL(before.frames_free, after.frames_free);
}

static void each_page_faults_once(void) {
    struct memory_info before, after;
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    gate_make(&gate);
    int child = child_start(wait_only, 0);
    process_wait_blocked(child); /* its own faults are over */
    *(volatile struct memory_info *)&after = (struct memory_info){0};
    *(volatile struct memory_info *)&before = (struct memory_info){0};
    CHECK_EQUAL(0, sys_memory_info(&before));
    for (int round = 0; round < 3; round++)
        pages_fill(pages, N, 200 + round);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.faults + N, after.faults);
    CHECK_EQUAL(before.copies + N, after.copies);
    CHECK_EQUAL(before.frames_free - N, after.frames_free);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

static void reads_do_not_fault(long value) {
    struct memory_info before, after;
    process_wait_blocked((int)sys_getppid()); /* the counters are everybody's */
    expect_pages(value);
    CHECK_EQUAL(0, sys_memory_info(&before));
    CHECK_EQUAL(0, sys_memory_info(&after)); /* the stack page of both is there now */
    CHECK_EQUAL(0, sys_memory_info(&before));
    bool same = pages_hold(pages, N, (int)value);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK(same);
    CHECK_EQUAL(before.faults, after.faults);
}

static void reads_cost_nothing(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(reads_do_not_fault, 100));
}

/* ---- The zero page ---- */

static void zero_page(void) {
    struct memory_info before, after;
    long sum = 0;
    pages = pages_map(N, 0);
    pages[(N - 1) * PAGE] = 1; /* the page table is there now */
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(0, sys_memory_info(&before));
    for (int i = 0; i < (N - 1) * PAGE; i++)
        sum += pages[i];
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(0, sum);
    CHECK_EQUAL(before.zero_maps + N - 1, after.zero_maps);
    CHECK_EQUAL(before.frames_free, after.frames_free);
    CHECK(page_of(getpid(), pages).flags & PAGE_ZERO);
}

static void zero_writer(long value) {
    pages_fill(pages, 1, (int)value);
    for (int i = 1; i < N; i++)
        CHECK_EQUAL(0, pages[i * PAGE]);
}

static void zero_page_after_fork(void) {
    pages = pages_map(N, 0);
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, pages[i * PAGE]);
    CHECK_EQUAL(0, child_run(zero_writer, 7));
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, pages[i * PAGE]);
    zero_writer(9);
    char *others = pages_map(N, 0);
    for (int i = 0; i < N * PAGE; i++)
        if (others[i] != 0)
            CHECK_EQUAL(0, others[i]);
}

/* What a dirty process leaves behind must not be seen by the next. */
static void dirty(long npages) {
    char *memory = pages_map((size_t)npages, 0);
    memset(memory, 0xa5, (size_t)npages * PAGE);
}

static void read_clean(long npages) {
    char *memory = pages_map((size_t)npages, 0);
    for (long i = 0; i < npages * PAGE; i += 8) {
        if (i % PAGE == 0)
            memory[i + 4] = 0; /* a frame of its own */
        if (*(volatile long *)(memory + i) != 0)
            CHECK_EQUAL(0, *(volatile long *)(memory + i));
    }
}

static void fresh_pages_are_zero(void) {
    long npages = (long)frames_free() / 4 * 3;
    CHECK_EQUAL(0, child_run(dirty, npages));
    CHECK_EQUAL(0, child_run(read_clean, npages));
}

/* ---- Rights that change ---- */

static void store(long address) { *(volatile char *)address = 1; }

static long protect(unsigned rights) { return sys_protect((uintptr_t)pages, N * PAGE, rights); }

static void protect_then_write(long value) {
    CHECK_EQUAL(0, protect(MAP_READ | MAP_WRITE));
    write_pages(value);
}

static void protect_before_fork(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, protect(MAP_READ));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)pages));
    CHECK_EQUAL(0, child_run(protect_then_write, 300));
    expect_pages(100);
    protect_then_write(200);
}

static void protect_after_fork(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    gate_make(&gate);
    int child = child_start(wait_then_expect, 100);
    CHECK_EQUAL(0, protect(MAP_READ));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)pages + PAGE));
    CHECK_EQUAL(0, protect(0));
    CHECK_EQUAL(0, audit());
    protect_then_write(200);
    CHECK_EQUAL(0, audit());
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

static void protect_of_the_zero_page(void) {
    pages = pages_map(N, 0);
    CHECK_EQUAL(0, pages[0]);
    CHECK_EQUAL(0, protect(MAP_READ));
    CHECK_EQUAL(0, protect(MAP_READ | MAP_WRITE));
    write_pages(100);
    char *other = pages_map(1, 0);
    CHECK_EQUAL(0, *(int *)other);
}

static void protect_of_shared_memory(void) {
    pages = pages_map(N, MAP_SHARE);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, protect(MAP_READ));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)pages));
    CHECK_EQUAL(0, child_run(protect_then_write, 300));
    expect_pages(300);
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)pages)); /* the child's rights were its own */
}

static void execute(long address) { ((void (*)(void))address)(); }

static void copied_data_does_not_execute(void) {
    static const uint32_t instruction_return = 0x00008067;
    pages = pages_map(N, 0);
    memcpy(pages, &instruction_return, sizeof instruction_return);
    CHECK_EQUAL(SIGNAL_SEGV, child_run(execute, (long)pages));
    memcpy(pages + 64, &instruction_return, sizeof instruction_return);
    CHECK_EQUAL(SIGNAL_SEGV, child_run(execute, (long)pages + 64));
    CHECK_EQUAL(0, protect(MAP_READ | MAP_EXEC));
    CHECK_EQUAL(0, child_run(execute, (long)pages));
}

/* ---- Random ---- */

#define RANDOM_PAGES 20000 /* of address space, touched here and there */
#define RANDOM_STORES 200

static void random_stores(long depth) {
    static struct {
        size_t at;
        char value;
    } log[10 * RANDOM_STORES];
    static size_t n;
    for (int i = 0; i < RANDOM_STORES; i++, n++) {
        log[n].at = check_random() % (RANDOM_PAGES * (size_t)PAGE);
        log[n].value = (char)(check_random() | 1);
        pages[log[n].at] = log[n].value;
        if (i == RANDOM_STORES / 2 && depth > 0)
            CHECK_EQUAL(0, child_run(random_stores, depth - 1));
    }
    for (size_t i = 0; i < n; i++) {
        size_t last = i;
        for (size_t j = i + 1; j < n; j++)
            if (log[j].at == log[i].at)
                last = j;
        CHECK_EQUAL(log[last].value, pages[log[i].at]);
    }
}

static void random_addresses(void) {
    pages = pages_map(RANDOM_PAGES, 0);
    random_stores(8);
}

/* ---- Fill and drop ---- */

static void fill_costs_now(void) {
    struct page_info page;
    pages = pages_map(N, 0);
    (void)*(volatile char *)pages; /* the zero page, and the table */
    size_t before = frames_free();
    CHECK_EQUAL(0, sys_fill((uintptr_t)pages + 1, N * PAGE - 1));
    CHECK_EQUAL(before - N, frames_free());
    for (int i = 0; i < N; i++) {
        page = page_of((int)sys_getpid(), pages + i * PAGE);
        CHECK_EQUAL(PAGE_RESIDENT | PAGE_WRITABLE, page.flags);
    }
    uint64_t faults = memory_now().faults;
    pages_fill(pages, N, 100);
    CHECK_EQUAL(faults, memory_now().faults);
}

static void fills_and_expects(long value) {
    CHECK_EQUAL(0, sys_fill((uintptr_t)pages, N * PAGE));
    expect_pages(value);
    write_pages(value + 100);
}

static void fill_keeps_the_bytes(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(fills_and_expects, 100));
    expect_pages(100);
}

static void fill_says_why_not(void) {
    pages = pages_map(3, 0);
    pages_unmap(pages + 2 * PAGE, 1);
    CHECK_EQUAL(-EFAULT, sys_fill((uintptr_t)pages, 3 * PAGE));
    CHECK_EQUAL(-EFAULT, sys_fill((uintptr_t)-PAGE, 2 * PAGE));
    CHECK_EQUAL(-EFAULT, sys_fill(USER_END - PAGE, 2 * PAGE));
    CHECK_EQUAL(-EFAULT, sys_fill((uintptr_t)pages, (size_t)-1));
    CHECK_EQUAL(-EACCES, sys_fill((uintptr_t)fill_says_why_not, 1));
    CHECK_EQUAL(0, sys_fill((uintptr_t)pages, 0));
    pages = pages_map(frames_free() + 100, 0);
    CHECK_EQUAL(-ENOMEM, sys_fill((uintptr_t)pages, (frames_free() + 100) * PAGE));
}

static void drops_and_writes(long value) {
    CHECK_EQUAL(0, sys_discard((uintptr_t)pages, N * PAGE));
    CHECK_EQUAL(0, *pages);
    write_pages(value);
}

static void drop_makes_zeros(void) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, child_run(drops_and_writes, 200));
    expect_pages(100);
    size_t before = frames_free();
    CHECK_EQUAL(0, sys_discard((uintptr_t)pages + PAGE, PAGE));
    CHECK_EQUAL(before + 1, frames_free());
    CHECK(pages[0] == 100 && pages[PAGE] == 0 && pages[2 * PAGE] == 102);
}

static void drop_says_why_not(void) {
    char *shared = pages_map(1, MAP_SHARE);
    pages = pages_map(3, 0);
    pages_fill(pages, 3, 100);
    CHECK_EQUAL(-EINVAL, sys_discard((uintptr_t)pages + 1, PAGE));
    CHECK_EQUAL(-EINVAL, sys_discard((uintptr_t)pages, (size_t)-1));
    CHECK_EQUAL(-EACCES, sys_discard((uintptr_t)shared, PAGE));
    pages_unmap(pages + 2 * PAGE, 1);
    CHECK_EQUAL(-EFAULT, sys_discard((uintptr_t)pages, 3 * PAGE));
    CHECK(pages_hold(pages, 2, 100));
}

static const struct test cow_tests[] = {
    {"parent_writes_first", "the parent's stores right after fork are not seen by the child",
     parent_writes_first},
    {"child_writes_first", "the child's stores are not seen by the parent", child_writes_first},
    {"fork_before_any_write", "a fork of a fork keeps every side's bytes apart",
     fork_before_any_write},
    {"chains_of_fifty", "fifty generations, each with its own bytes", chains_of_fifty},
    {"rest_of_a_page_is_kept", "a copy has all bytes of the page", rest_of_a_page_is_kept},
    {"unmapped_by_one", "who unmaps drops only its own reference", unmapped_by_one},
    {"heap_comes_back_zero", "the heap that grows again has zeros", heap_comes_back_zero},
    {"shared_stays_shared", "shared memory is one memory after fork", shared_stays_shared},
    {"last_owner_reuses", "the last owner's store copies nothing and takes no frame",
     last_owner_reuses},
    {"each_page_faults_once", "a store faults once a page, and costs one frame",
     each_page_faults_once},
    {"reads_cost_nothing", "reading shared pages does not fault", reads_cost_nothing},
    {"zero_page", "reading untouched pages takes no frames", zero_page},
    {"zero_page_after_fork", "the zero page is never written", zero_page_after_fork},
    {"fresh_pages_are_zero", "a page shows nothing of its frame's last owner",
     fresh_pages_are_zero},
    {"protect_before_fork", "a page made read-only before fork stays so, and private",
     protect_before_fork},
    {"protect_after_fork", "the right to write comes back as a copy", protect_after_fork},
    {"protect_of_the_zero_page", "rights that come back do not open the zero page",
     protect_of_the_zero_page},
    {"protect_of_shared_memory", "rights are each process's own, bytes are not",
     protect_of_shared_memory},
    {"copied_data_does_not_execute", "a copy gets no rights that its region lacks",
     copied_data_does_not_execute},
    {"random_addresses", "random stores in nine generations, each with its own bytes",
     random_addresses},
    {"fill_costs_now", "filled pages cost their frames at once and no fault later", fill_costs_now},
    {"fill_keeps_the_bytes", "to fill shared pages is to copy them", fill_keeps_the_bytes},
    {"fill_says_why_not", "what cannot be filled is an error, no memory too", fill_says_why_not},
    {"drop_makes_zeros", "dropped pages are zeros, for the one who dropped them", drop_makes_zeros},
    {"drop_says_why_not", "what cannot be dropped is an error, and nothing changes",
     drop_says_why_not},
    {0},
};
const struct test *const suites[] = {cow_tests, NULL};
