/* Accesses that must be refused, by the program itself and by the kernel for it: only the process
 * that tries pays, and no byte changes. And the kernel's own stores into shared pages. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define KERNEL_HALF 0xffffffc000000000
#define STACK_LOWEST (USER_STACK_TOP - USER_STACK_MAX)

static char *pages;
static struct gate gate;

static void store(long address) { *(volatile char *)address = 1; }
static void load(long address) { (void)*(volatile char *)address; }
static void store_word(long address) { *(volatile long *)address = 1; }
static void execute(long address) { ((void (*)(void))address)(); }

/* In a child of its own, directly and after a further fork. */
static void in_grandchild(long address) { CHECK_EQUAL(SIGNAL_SEGV, child_run(store, address)); }

/* ---- Stores of the program ---- */

static struct region_info text_region(void) {
    struct region_info text = {0};
    CHECK_EQUAL(0, sys_region_info(getpid(), USER_IMAGE_BASE, &text));
    CHECK(text.start == USER_IMAGE_BASE && text.end > text.start + 3 * PAGE);
    return text;
}

static unsigned long text_sum(void) {
    struct region_info text = text_region();
    unsigned long sum = 0;
    for (const unsigned long *p = (const unsigned long *)text.start;
         p < (const unsigned long *)text.end; p++)
        sum = sum * 31 + *p;
    return sum;
}

static void text_stays_read_only(void) {
    struct region_info text = text_region();
    unsigned long sum = text_sum();
    for (uintptr_t at = text.start; at < text.end; at += PAGE) {
        CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)at + 8));
        CHECK_EQUAL(0, child_run(in_grandchild, (long)at + 16));
    }
    CHECK_EQUAL(sum, text_sum());
}

static void guard_stays_closed(void) {
    for (uintptr_t below = 1; below <= PAGE; below += PAGE - 1) {
        CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)(STACK_LOWEST - below)));
        CHECK_EQUAL(SIGNAL_SEGV, child_run(load, (long)(STACK_LOWEST - below)));
        CHECK_EQUAL(0, child_run(in_grandchild, (long)(STACK_LOWEST - below)));
    }
}

static int sink;
__attribute__((noinline)) static void overflow(long depth) {
    volatile char frame[1000];
    frame[0] = (char)depth;
    if (depth >= 0)
        overflow(depth + 1);
    sink += frame[0];
}

static void stack_overflow_ends(void) { CHECK_EQUAL(SIGNAL_SEGV, child_run(overflow, 0)); }

static void store_legal(long address) {
    *(volatile char *)address = 1;
    CHECK_EQUAL(1, *(volatile char *)address);
    int child = child_start(store, address);
    CHECK_EQUAL(0, child_wait(child));
}

static void lowest_stack_page_is_legal(void) {
    CHECK_EQUAL(0, child_run(store_legal, STACK_LOWEST));
    CHECK_EQUAL(0, child_run(store_legal, STACK_LOWEST + PAGE - 1));
    CHECK_EQUAL(0, child_run(store_legal, USER_STACK_TOP - 1));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, USER_STACK_TOP));
}

static const unsigned long nowhere[] = {
    0,
    8,
    PAGE,
    USER_IMAGE_BASE - 8,
    0x80000000,
    USER_MAP_BASE - 8,
    USER_END - 8,
    USER_END - 1,
    USER_END,
    USER_END + PAGE,
    0x8000000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    KERNEL_HALF - 8,
    KERNEL_HALF,
    0xffffffd000000000,
    0xffffffff80000000,
    0xffffffff80200000,
    0xfffffffffffff000,
    0xfffffffffffffff8,
    0xffffffffffffffff,
};

static void addresses_of_nobody(void) {
    for (size_t i = 0; i < array_length(nowhere); i++) {
        CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)nowhere[i]));
        CHECK_EQUAL(SIGNAL_SEGV, child_run(load, (long)nowhere[i]));
        CHECK_EQUAL(SIGNAL_SEGV, child_run(execute, (long)(nowhere[i] & ~1UL)));
        CHECK_EQUAL(0, child_run(in_grandchild, (long)nowhere[i]));
    }
}

static void store_across_the_end(void) {
    pages = pages_map(2, 0);
    pages_unmap(pages + PAGE, 1);
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store_word, (long)pages + PAGE - 3));
    CHECK_EQUAL(0, child_run(store_word, (long)pages + PAGE - 8));
    CHECK_EQUAL(0, pages[PAGE - 8]);
}

/* ---- Stores of the kernel ---- */

static const char content[3 * PAGE + 200] = {[0] = 'a', [1] = 'b', [PAGE] = 'c', [3 * PAGE] = 'd'};

static int content_open(void) {
    int file = open("/content", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(file >= 0);
    CHECK_EQUAL(sizeof content, write(file, content, sizeof content));
    CHECK_EQUAL(0, unlink("/content"));
    CHECK_EQUAL(0, lseek(file, 0, SEEK_SET));
    return file;
}

static void expect_refused(int file, unsigned long address, size_t nbytes) {
    errno = 0;
    CHECK_EQUAL(-1, read(file, (void *)address, nbytes));
    CHECK(errno == EFAULT || errno == EACCES);
    CHECK_EQUAL(0, lseek(file, 0, SEEK_CUR));
    errno = 0;
    CHECK_EQUAL(-1, pread(file, (void *)address, nbytes, 1));
    CHECK(errno == EFAULT || errno == EACCES);
}

static void refuse_all(long file) {
    struct region_info text = text_region();
    for (uintptr_t at = text.start; at < text.end; at += PAGE)
        expect_refused((int)file, at + 24, 16);
    expect_refused((int)file, text.end - 8, 16); /* begins in text, ends in data */
    expect_refused((int)file, STACK_LOWEST - 8, 8);
    expect_refused((int)file, STACK_LOWEST - 8, 16);
    expect_refused((int)file, STACK_LOWEST - PAGE, 16);
    for (size_t i = 0; i < array_length(nowhere); i++)
        expect_refused((int)file, nowhere[i], 16);
}

static void read_asks_for_permission(void) {
    int file = content_open();
    unsigned long sum = text_sum();
    refuse_all(file);
    CHECK_EQUAL(0, child_run(refuse_all, file));
    CHECK_EQUAL(sum, text_sum());
}

static void expect_fives(long ignored) {
    (void)ignored;
    gate_wait(&gate);
    for (int i = 0; i < 4 * PAGE; i++)
        if (pages[i] != 5)
            CHECK_EQUAL(5, pages[i]);
}

/* => the bytes outside [start, start + nbytes) are 5 */
static void expect_read(int start, int nbytes) {
    CHECK_EQUAL(0, memcmp(pages + start, content, (size_t)nbytes));
    for (int i = 0; i < 4 * PAGE; i++)
        if ((i < start || i >= start + nbytes) && pages[i] != 5)
            CHECK_EQUAL(5, pages[i]);
}

static void read_unshares_every_page(void) {
    int file = content_open();
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    gate_make(&gate);
    int child = child_start(expect_fives, 0);
    struct memory_info before = memory_now();
    CHECK_EQUAL(2 * PAGE + 100, read(file, pages + PAGE - 50, 2 * PAGE + 100));
    CHECK(before.copies + 4 <= memory_now().copies);
    expect_read(PAGE - 50, 2 * PAGE + 100);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

static void child_reads(long file) {
    CHECK_EQUAL(2 * PAGE, read((int)file, pages + 77, 2 * PAGE));
    expect_read(77, 2 * PAGE);
}

static void read_in_the_child(void) {
    int file = content_open();
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    CHECK_EQUAL(0, child_run(child_reads, file));
    expect_read(0, 0);
}

/* A buffer that begins well: the call fails, and the other side's bytes are what they were. */
static void read_into_half_a_buffer(void) {
    int file = content_open();
    pages = pages_map(5, 0);
    memset(pages, 5, 4 * PAGE);
    pages_unmap(pages + 4 * PAGE, 1);
    gate_make(&gate);
    int child = child_start(expect_fives, 0);
    expect_refused(file, (unsigned long)pages + 4 * PAGE - 100, 200);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

/* The same page is the source of one and the target of the other copy. */
static void write_from_shared_pages(void) {
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    int ends[2];
    CHECK_EQUAL(0, pipe(ends));
    gate_make(&gate);
    int child = child_start(expect_fives, 0);
    CHECK_EQUAL(3 * PAGE, write(ends[1], pages + 10, 3 * PAGE));
    memset(pages, 6, 4 * PAGE);
    CHECK_EQUAL(3 * PAGE, read(ends[0], pages + 20, 3 * PAGE));
    CHECK_EQUAL(6, pages[19]);
    CHECK_EQUAL(5, pages[20]);
    CHECK_EQUAL(5, pages[20 + 3 * PAGE - 1]);
    CHECK_EQUAL(6, pages[20 + 3 * PAGE]);
    close(ends[0]);
    close(ends[1]);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

static void nothing(long ignored) { (void)ignored; }

static void wait_status_into_a_shared_page(void) {
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    gate_make(&gate);
    int holder = child_start(expect_fives, 0), child = child_start(nothing, 0);
    int *status = (int *)(pages + PAGE - 2); /* over two pages */
    CHECK_EQUAL(child, sys_wait(child, status, 0));
    CHECK_EQUAL(0, pages[PAGE - 1]);
    CHECK_EQUAL(0, pages[PAGE]);
    CHECK_EQUAL(5, pages[PAGE + 2]);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(holder));
}

static void wait_status_into_nowhere(void) {
    unsigned long text = USER_IMAGE_BASE + PAGE;
    for (size_t i = 1; i < array_length(nowhere); i++) { /* 0 means: no status wanted */
        int child = child_start(nothing, 0);
        CHECK_EQUAL(-EFAULT, sys_wait(child, (int *)nowhere[i], 0));
        CHECK_EQUAL(-EACCES, sys_wait(child, (int *)text, 0));
        CHECK_EQUAL(0, child_wait(child)); /* it is still there to be waited for */
    }
}

static void answers_into_nowhere(void) {
    for (size_t i = 0; i < array_length(nowhere); i++) {
        CHECK_EQUAL(-EFAULT, sys_memory_info((struct memory_info *)nowhere[i]));
        CHECK_EQUAL(-EFAULT, sys_process_info(1, (struct process_info *)nowhere[i]));
        CHECK_EQUAL(-EFAULT, sys_region_info(1, 0, (struct region_info *)nowhere[i]));
        CHECK_EQUAL(-EFAULT, sys_page_info(1, USER_IMAGE_BASE, (struct page_info *)nowhere[i], 1));
    }
    CHECK_EQUAL(-EACCES, sys_memory_info((struct memory_info *)(USER_IMAGE_BASE + PAGE)));
}

/* Each answer would go into a page that a child shares. */
static void answers_into_shared_pages(void) {
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    gate_make(&gate);
    int child = child_start(expect_fives, 0);
    CHECK_EQUAL(0, sys_memory_info((struct memory_info *)(pages + PAGE - 8)));
    CHECK_EQUAL(1, sys_process_info(1, (struct process_info *)(pages + 2 * PAGE - 8)));
    CHECK_EQUAL(0, sys_region_info(1, 0, (struct region_info *)(pages + 3 * PAGE - 8)));
    CHECK(pages[PAGE - 4] != 5 && pages[PAGE] != 5 && pages[2 * PAGE - 8] == 1);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

/* Page faults that are refused are counted, and one store is one fault. */
static void a_refused_store_faults_once(void) {
    struct memory_info before = memory_now();
    int child = child_start(store, (long)KERNEL_HALF);
    CHECK_EQUAL(SIGNAL_SEGV, child_wait(child));
    CHECK_EQUAL(before.refused + 1, memory_now().refused);
    CHECK(memory_now().faults < before.faults + 20);
}

static const struct test access_tests[] = {
    {"text_stays_read_only", "a store into any page of text ends the process, after fork too",
     text_stays_read_only},
    {"guard_stays_closed", "the guard below the stack refuses, after fork too", guard_stays_closed},
    {"stack_overflow_ends", "endless recursion ends the process", stack_overflow_ends},
    {"lowest_stack_page_is_legal", "the first and the last byte of the stack are legal",
     lowest_stack_page_is_legal},
    {"addresses_of_nobody", "holes, borders and the kernel's half end exactly the process",
     addresses_of_nobody},
    {"store_across_the_end", "a store over the end of a region does not half happen",
     store_across_the_end},
    {"read_asks_for_permission", "read() does not write where the program may not",
     read_asks_for_permission},
    {"read_unshares_every_page", "read() over shared pages unshares each",
     read_unshares_every_page},
    {"read_in_the_child", "read() in the child leaves the parent's bytes", read_in_the_child},
    {"read_into_half_a_buffer", "a read() that is cut short leaves the other side alone",
     read_into_half_a_buffer},
    {"write_from_shared_pages", "the kernel reads from and writes to shared pages",
     write_from_shared_pages},
    {"wait_status_into_a_shared_page", "wait() unshares where its status goes",
     wait_status_into_a_shared_page},
    {"wait_status_into_nowhere", "wait() with a bad pointer keeps the child",
     wait_status_into_nowhere},
    {"answers_into_nowhere", "no information is written where it may not", answers_into_nowhere},
    {"answers_into_shared_pages", "information unshares where it goes", answers_into_shared_pages},
    {"a_refused_store_faults_once", "a refused access ends at once and is no loop",
     a_refused_store_faults_once},
    {0},
};
const struct test *const suites[] = {access_tests, NULL};
