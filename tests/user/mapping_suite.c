/* Memory that a process asks for: mmap, munmap, mprotect, brk, and what exec maps. Where it comes
 * from, who shares it, and how the list of regions follows. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define N 8
#define RW (PROT_READ | PROT_WRITE)
#define FILE_NAME "/tmp/mapped"
#define FILE_VALUE 100

static char *pages; /* of the test that runs */
static struct gate gate;

static struct page_info page(const void *address) { return page_of((int)sys_getpid(), address); }

static char *map(size_t npages, int rights, int flags) {
    void *start = mmap(NULL, npages * PAGE, rights, flags | MAP_ANONYMOUS, -1, 0);
    CHECK(start != MAP_FAILED);
    return start;
}

static void protect(size_t first, size_t npages, int rights) {
    CHECK_EQUAL(0, mprotect(pages + first * PAGE, npages * PAGE, rights));
}

static void unmap(size_t first, size_t npages) {
    CHECK_EQUAL(0, munmap(pages + first * PAGE, npages * PAGE));
}

static void store(long address) { *(volatile char *)address = 1; }

/* => how many regions lie in the pages, each clipped to them */
static size_t regions_in(const char *start, size_t npages) {
    struct region_info region = {.end = (uintptr_t)start};
    uintptr_t end = (uintptr_t)start + npages * PAGE;
    size_t n = 0;
    while (region.end < end && sys_region_info((int)sys_getpid(), region.end, &region) == 0 &&
           region.start < end)
        n++;
    return n;
}

/* ---- Zeros on demand ---- */

static char bss[40 * PAGE];

/* Three pages that nobody has touched: the middle one is read, and then written. */
static void expect_zero_fill(long address) {
    struct memory_info before, after;
    char *fresh = (char *)address;
    others_wait();
    fresh += PAGE - (uintptr_t)fresh % PAGE;
    *(volatile char *)fresh = 1; /* the page table is there now */
    char *middle = fresh + PAGE;
    CHECK_EQUAL(0, page(middle).flags);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(0, sys_memory_info(&before));
    bool zero = *(volatile char *)(middle + 5) == 0;
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK(zero);
    CHECK_EQUAL(before.zero_maps + 1, after.zero_maps);
    CHECK_EQUAL(before.frames_free, after.frames_free);
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_COW | PAGE_ZERO, page(middle).flags);
    CHECK_EQUAL(0, sys_memory_info(&before));
    *(volatile char *)(middle + 5) = 7;
    *(volatile char *)(middle + PAGE + 6) = 8; /* written at once */
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.zero_fills + 2, after.zero_fills);
    CHECK_EQUAL(before.copies, after.copies);
    CHECK_EQUAL(before.frames_free - 2, after.frames_free);
    for (size_t i = 0; i < 2 * PAGE; i++)
        if (middle[i] != 0 && i != 5 && i != PAGE + 6)
            CHECK_EQUAL(-1, i);
    CHECK(middle[5] == 7 && middle[PAGE + 6] == 8);
}

static void zero_fill_everywhere(void) {
    CHECK_EQUAL(0, child_run(expect_zero_fill, (long)(bss + 20 * PAGE)));
    CHECK_EQUAL(0, child_run(expect_zero_fill, (long)((char *)sbrk(40 * PAGE) + 20 * PAGE)));
    CHECK_EQUAL(0, child_run(expect_zero_fill, (long)map(N, RW, MAP_PRIVATE)));
    CHECK_EQUAL(0, child_run(expect_zero_fill, (long)USER_STACK_TOP - 100 * PAGE));
    CHECK_EQUAL(0, child_run(expect_zero_fill, (long)USER_STACK_TOP - 2000 * PAGE));
}

/* ---- Files ---- */

/* A file of so many bytes; each of its pages begins with its own value. */
static int file_make(size_t nbytes) {
    static int zeros[PAGE / sizeof(int)];
    int file = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0);
    for (size_t done = 0, n; done < nbytes; done += n) {
        n = nbytes - done < PAGE ? nbytes - done : PAGE;
        zeros[0] = FILE_VALUE + (int)(done / PAGE);
        CHECK_EQUAL(n, write(file, zeros, n));
    }
    return file;
}

static void file_end(int file) {
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink(FILE_NAME));
}

static char *map_file(int file, size_t nbytes, int rights, off_t offset) {
    void *start = mmap(NULL, nbytes, rights, MAP_PRIVATE, file, offset);
    CHECK(start != MAP_FAILED);
    return start;
}

static bool file_holds(int file, size_t npages, int value) {
    int found = 0;
    for (size_t i = 0; i < npages; i++)
        if (pread(file, &found, sizeof found, (off_t)(i * PAGE)) != sizeof found ||
            found != value + (int)i)
            return false;
    return true;
}

/* The mappings and the file server have one frame a page, until somebody writes. */
static void a_file_is_mapped_from_the_server(void) {
    int file = file_make(N * PAGE);
    pages = map_file(file, N * PAGE, RW, 0);
    char *other = map_file(file, N * PAGE, PROT_READ, 0);
    CHECK(pages_hold(pages, N, FILE_VALUE) && pages_hold(other, N, FILE_VALUE));
    CHECK_EQUAL(3, page(pages).count);
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_COW, page(pages + (N - 1) * PAGE).flags);
    CHECK_EQUAL(PAGE_RESIDENT, page(other).flags);
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)other));
    pages_fill(pages, N, 300);
    CHECK_EQUAL(2, page(other).count);
    CHECK(pages_hold(other, N, FILE_VALUE) && file_holds(file, N, FILE_VALUE));
    CHECK_EQUAL(4, pwrite(file, &(int){500}, 4, 0));
    CHECK(pages_hold(other, N, FILE_VALUE) && pages_hold(pages, N, 300));
    CHECK_EQUAL(1, page(other).count);
    CHECK_EQUAL(0, mprotect(other, N * PAGE, RW));
    pages_fill(other, N, 600);
    CHECK(file_holds(file, 1, 500) && pages_hold(pages, N, 300));
    file_end(file);
}

static void parts_of_a_file(void) {
    int file = file_make(3 * PAGE + 10);
    pages = map_file(file, N * PAGE, RW, 0); /* beyond its end there is memory, all zero */
    CHECK(pages_hold(pages, 4, FILE_VALUE));
    for (size_t i = 3 * PAGE + 4; i < N * PAGE; i++)
        if (pages[i] != 0)
            CHECK_EQUAL(-1, i);
    char *from_two = map_file(file, PAGE + 1, PROT_READ, 2 * PAGE);
    CHECK(pages_hold(from_two, 2, FILE_VALUE + 2));
    CHECK_EQUAL(3, page(from_two + PAGE).count);
    char *beyond = map_file(file, PAGE, PROT_READ, 10 * PAGE);
    CHECK_EQUAL(0, *beyond);
    pages[3 * PAGE + 100] = 7; /* in the file's last page, beyond its end */
    CHECK_EQUAL(0, ftruncate(file, 4 * PAGE));
    char byte = 1;
    CHECK_EQUAL(1, pread(file, &byte, 1, 3 * PAGE + 100));
    CHECK_EQUAL(0, byte);
    CHECK_EQUAL(0, from_two[PAGE + 100]);
    file_end(file);
}

/* What was beyond the end of a file is not shown again, by no way. */
static void what_was_cut_off_stays_hidden(void) {
    int file = file_make(2 * PAGE);
    pages = map_file(file, 2 * PAGE, PROT_READ, 0);
    CHECK_EQUAL(4, pwrite(file, &(int){0x5ec4e7}, 4, PAGE + 200));
    CHECK_EQUAL(0, ftruncate(file, PAGE + 100));
    char *cut = map_file(file, 2 * PAGE, PROT_READ, 0);
    CHECK_EQUAL(0, *(int *)(cut + PAGE + 200));
    CHECK_EQUAL(0, *(int *)(pages + PAGE + 200)); /* it was mapped before that was written */
    CHECK_EQUAL(FILE_VALUE + 1, *(int *)(cut + PAGE));
    file_end(file);
}

static void a_mapping_outlives_its_file(void) {
    int file = file_make(N * PAGE);
    pages = map_file(file, N * PAGE, RW, 0);
    CHECK_EQUAL(0, ftruncate(file, PAGE));
    CHECK_EQUAL(1, page(pages + PAGE).count);
    file_end(file);
    others_wait();
    CHECK_EQUAL(1, page(pages).count);
    CHECK(pages_hold(pages, N, FILE_VALUE));
    struct memory_info before = memory_now(), after = memory_now();
    pages_fill(pages, N, 300);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.reuses + N, after.reuses);
}

static void writes_pages(long value) {
    CHECK(pages_hold(pages, N, FILE_VALUE));
    pages_fill(pages, N, (int)value);
    CHECK(pages_hold(pages, N, (int)value));
}

static void a_mapped_file_is_forked(void) {
    int file = file_make(N * PAGE);
    pages = map_file(file, N * PAGE, RW, 0);
    CHECK_EQUAL(0, child_run(writes_pages, 300));
    int first = child_start(writes_pages, 400), second = child_start(writes_pages, 500);
    writes_pages(600);
    CHECK_EQUAL(0, child_wait(first));
    CHECK_EQUAL(0, child_wait(second));
    CHECK(file_holds(file, N, FILE_VALUE) && pages_hold(pages, N, 600));
    file_end(file);
}

static void files_that_are_not_mapped(void) {
    int file = file_make(PAGE), ends[2];
    CHECK_EQUAL(0, pipe(ends));
    unsigned long before = regions_sum();
    CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, file, 0) == MAP_FAILED && errno == ENODEV);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, ends[0], 0) == MAP_FAILED && errno == ENODEV);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, ends[1], 0) == MAP_FAILED && errno == EACCES);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, file, 7) == MAP_FAILED && errno == EINVAL);
    int directory = open("/tmp", O_RDONLY), null = open("/dev/null", O_RDONLY);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, directory, 0) == MAP_FAILED && errno == ENODEV);
    CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, null, 0) == MAP_FAILED && errno == ENODEV);
    CHECK_EQUAL(before, regions_sum());
    file_end(file);
}

/* ---- Splitting and joining ---- */

static void regions_split_and_join(void) {
    pages = map(N, RW, MAP_PRIVATE);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(1, regions_in(pages, N));
    protect(2, 3, PROT_READ);
    CHECK_EQUAL(3, regions_in(pages, N));
    protect(3, 1, PROT_NONE);
    CHECK_EQUAL(5, regions_in(pages, N));
    protect(3, 1, PROT_READ);
    CHECK_EQUAL(3, regions_in(pages, N));
    protect(0, N, RW);
    CHECK_EQUAL(1, regions_in(pages, N));
    for (size_t i = 0; i < N; i++)
        protect((3 * i) % N, 1, PROT_READ);
    CHECK_EQUAL(1, regions_in(pages, N));
    CHECK(pages_hold(pages, N, 100));
    protect(0, N, RW);
    unmap(3, 2);
    CHECK_EQUAL(2, regions_in(pages, N));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)pages + 3 * PAGE));
    CHECK_EQUAL(-1, mprotect(pages, N * PAGE, RW)); /* there is a hole in it */
    CHECK_EQUAL(ENOMEM, errno);
    CHECK(pages + 3 * PAGE ==
          mmap(pages + 3 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQUAL(2, regions_in(pages, N));
    CHECK(pages + 4 * PAGE ==
          mmap(pages + 4 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQUAL(1, regions_in(pages, N));
    CHECK(pages[3 * PAGE] == 0 && pages[4 * PAGE] == 0 && pages_hold(pages, 3, 100));
    CHECK(pages_hold(pages + 5 * PAGE, N - 5, 105));
    unmap(0, N);
    CHECK_EQUAL(0, regions_in(pages, N));
    unmap(0, N); /* nothing is there */
}

static void other_kinds_do_not_join(void) {
    pages = map(N, RW, MAP_PRIVATE);
    CHECK(pages + 2 * PAGE ==
          mmap(pages + 2 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQUAL(3, regions_in(pages, N));
    CHECK(pages + 3 * PAGE ==
          mmap(pages + 3 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQUAL(4, regions_in(pages, N)); /* two memories, each with its own number */
    protect(0, N, PROT_READ);
    CHECK_EQUAL(4, regions_in(pages, N));
    CHECK_EQUAL(PAGE_RESIDENT, page(pages + 2 * PAGE).flags); /* shared: never marked */
    protect(0, N, RW);
    pages_fill(pages, N, 100);
    unmap(1, 2);
    CHECK_EQUAL(3, regions_in(pages, N));
    CHECK(pages_hold(pages + 3 * PAGE, N - 3, 103));
}

static void a_mapping_is_replaced(void) {
    int file = file_make(2 * PAGE);
    pages = map(N, RW, MAP_PRIVATE);
    pages_fill(pages, N, 200);
    CHECK(pages + 3 * PAGE ==
          mmap(pages + 3 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0));
    CHECK_EQUAL(1, regions_in(pages, N));
    CHECK(pages_hold(pages, 3, 200) && pages_hold(pages + 3 * PAGE, 2, FILE_VALUE) &&
          pages_hold(pages + 5 * PAGE, N - 5, 205));
    CHECK_EQUAL(2, page(pages + 3 * PAGE).count);
    file_end(file);
}

/* ---- Rights, forks and writes in any order, against a plain list ---- */

#define WINDOW 24

static struct {
    int rights; /* -1: not mapped */
    int value;
} model[WINDOW];

static void expect_model(long ignored) {
    (void)ignored;
    for (size_t i = 0; i < WINDOW; i++)
        if (model[i].rights > 0 && *(volatile int *)(pages + i * PAGE) != model[i].value)
            CHECK_EQUAL(-1, i);
}

static void wait_then_expect_model(long argument) {
    gate_wait(&gate);
    expect_model(argument);
}

static void model_step(size_t first, size_t npages) {
    static const int rights[] = {PROT_NONE, PROT_READ, RW, RW, RW};
    unsigned what = check_random() % 8;
    int right = rights[check_random() % array_length(rights)];
    bool whole = true;
    for (size_t i = first; i < first + npages; i++)
        whole = whole && model[i].rights >= 0;
    if (what == 0)
        unmap(first, npages);
    else if (what == 1)
        CHECK(MAP_FAILED != mmap(pages + first * PAGE, npages * PAGE, right,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    else if (what < 5)
        CHECK_EQUAL(whole ? 0 : -1, mprotect(pages + first * PAGE, npages * PAGE, right));
    for (size_t i = first; i < first + npages; i++) {
        if (what == 0)
            model[i].rights = -1;
        else if (what == 1)
            model[i].rights = right, model[i].value = 0;
        else if (what < 5 && whole)
            model[i].rights = right;
        else if (what >= 5 && model[i].rights == RW)
            *(int *)(pages + i * PAGE) = model[i].value = (int)check_random();
    }
}

static void random_mappings(void) {
    int held = -1;
    pages = map(WINDOW, RW, MAP_PRIVATE);
    for (size_t i = 0; i < WINDOW; i++)
        model[i].rights = RW;
    for (int round = 0; round < 1500; round++) {
        size_t first = check_random() % WINDOW, npages = 1 + check_random() % (WINDOW - first);
        model_step(first, npages);
        if (round % 60 == 20) {
            gate_make(&gate);
            held = child_start(wait_then_expect_model, 0);
        } else if (round % 60 == 50) {
            CHECK_EQUAL(0, audit());
            expect_model(0);
            gate_open(&gate);
            CHECK_EQUAL(0, child_wait(held));
        }
    }
    unmap(0, WINDOW);
}

/* ---- Shared memory ---- */

static void expect_and_change(long depth) {
    CHECK(pages_hold(pages, N, 100 + (int)depth));
    pages_fill(pages, N, 99 + (int)depth);
    if (depth > 0)
        CHECK_EQUAL(0, child_run(expect_and_change, depth - 1));
    CHECK(pages_hold(pages, N, 99));
}

static void shared_memory_over_forks(void) {
    pages = map(N, RW, MAP_SHARED);
    pages_fill(pages, N, 110);
    CHECK_EQUAL(0, child_run(expect_and_change, 10));
    CHECK(pages_hold(pages, N, 99));
    CHECK_EQUAL(1, page(pages).count);
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_WRITABLE, page(pages).flags);
}

/* One side's rights and holes are its own. */
static void has_its_own_regions(long ignored) {
    (void)ignored;
    protect(0, N, PROT_READ);
    unmap(4, 2);
    protect(0, 2, RW);
    pages_fill(pages, 2, 300);
    gate_wait(&gate);
    CHECK(pages_hold(pages, 4, 400) && pages_hold(pages + 6 * PAGE, 2, 406));
}

static void shared_memory_with_other_rights(void) {
    pages = map(N, RW, MAP_SHARED);
    pages_fill(pages, N, 100);
    gate_make(&gate);
    int child = child_start(has_its_own_regions, 0);
    process_wait_blocked(child);
    CHECK(pages_hold(pages, 2, 300) && pages_hold(pages + 2 * PAGE, N - 2, 102));
    pages_fill(pages, N, 400);
    CHECK_EQUAL(1, page(pages + 4 * PAGE).count);
    CHECK_EQUAL(2, page(pages + 3 * PAGE).count);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

/* A program begins with nothing of it; who made it still has it. */
static void shared_memory_and_exec(void) {
    pages = map(N, RW, MAP_SHARED);
    pages_fill(pages, N, 100);
    int pid = (int)sys_fork();
    if (pid == 0) {
        pages_fill(pages, N, 200);
        execl("/bin/true", "true", NULL);
        _exit(127);
    }
    CHECK_EQUAL(0, child_wait(pid));
    CHECK(pages_hold(pages, N, 200));
    CHECK_EQUAL(1, page(pages).count);
}

/* ---- The heap ---- */

static size_t resident(const char *start, size_t npages) {
    size_t n = 0;
    for (size_t i = 0; i < npages; i++)
        n += page(start + i * PAGE).flags & PAGE_RESIDENT;
    return n;
}

static void the_heap_moves(void) {
    char *start = sbrk(0);
    start += PAGE - (uintptr_t)start % PAGE;
    CHECK_EQUAL(0, brk(start + 1));
    start[0] = 5;
    start[PAGE - 1] = 6; /* the kernel gives whole pages */
    CHECK_EQUAL(0, brk(start + N * PAGE));
    pages_fill(start, N, 100);
    CHECK_EQUAL(1, regions_in(start, N));
    others_wait();
    size_t before = frames_free();
    CHECK_EQUAL(0, brk(start + 2 * PAGE + 1));
    CHECK_EQUAL(before + N - 3, frames_free());
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)start + 3 * PAGE));
    CHECK_EQUAL(0, brk(start + N * PAGE));
    CHECK_EQUAL(3, resident(start, N));
    CHECK(pages_hold(start, 3, 100));
    for (size_t i = 3 * PAGE; i < N * PAGE; i++)
        if (start[i] != 0)
            CHECK_EQUAL(-1, i);
    CHECK_EQUAL(0, mprotect(start + 4 * PAGE, PAGE, PROT_READ)); /* the heap has parts now */
    CHECK_EQUAL(SIGNAL_SEGV, child_run(store, (long)start + 4 * PAGE));
    CHECK_EQUAL(0, mprotect(start + 4 * PAGE, PAGE, RW));
    CHECK_EQUAL(1, regions_in(start, N));
}

static void the_heap_meets_a_mapping(void) {
    char *start = sbrk(0);
    start += PAGE - (uintptr_t)start % PAGE;
    CHECK(start + 4 * PAGE ==
          mmap(start + 4 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQUAL(0, brk(start + 4 * PAGE));
    CHECK_EQUAL(-1, brk(start + 4 * PAGE + 1));
    CHECK_EQUAL(ENOMEM, errno);
    CHECK_EQUAL(0, brk(start + PAGE));
    CHECK_EQUAL(0, page(start + 4 * PAGE).flags);
}

#define HEAP_PAGES 40

/* The heap as it was at the fork: `touched` pages hold their numbers, the others are zeros. */
static void expect_half_a_heap(long touched) {
    CHECK(pages_hold(pages, (size_t)touched, 100));
    for (size_t i = (size_t)touched; i < HEAP_PAGES; i += 3)
        CHECK_EQUAL(0, pages[i * PAGE]);
    pages_fill(pages, HEAP_PAGES, 900);
    gate_wait(&gate);
    CHECK(pages_hold(pages, HEAP_PAGES, 900));
}

static void forks_between_faults(void) {
    int children[HEAP_PAGES / 4];
    gate_make(&gate);
    pages = sbrk(2 * HEAP_PAGES * PAGE);
    pages += PAGE - (uintptr_t)pages % PAGE;
    for (int i = 0; i < HEAP_PAGES; i++) {
        if (i % 4 == 0)
            children[i / 4] = child_start(expect_half_a_heap, i);
        pages_fill(pages + i * PAGE, 1, 100 + i);
    }
    CHECK_EQUAL(0, audit());
    CHECK(pages_hold(pages, HEAP_PAGES, 100));
    gate_open(&gate);
    for (int i = 0; i < HEAP_PAGES / 4; i++)
        CHECK_EQUAL(0, child_wait(children[i]));
    CHECK(pages_hold(pages, HEAP_PAGES, 100));
}

/* ---- Many ---- */

#define SHARERS 300

static void one_of_many(long number) {
    gate_wait(&gate);
    CHECK(pages_hold(pages, 1, 100));
    if (number % 7 == 0)
        pages_fill(pages, 1, (int)number);
}

static void many_sharers(void) {
    static int children[SHARERS];
    pages = map(1, RW, MAP_PRIVATE);
    pages_fill(pages, 1, 100);
    gate_make(&gate);
    for (int i = 0; i < SHARERS; i++)
        children[i] = child_start(one_of_many, i);
    CHECK_EQUAL(SHARERS + 1, page(pages).count);
    CHECK_EQUAL(0, audit());
    gate_open(&gate);
    for (int i = 0; i < SHARERS; i++)
        CHECK_EQUAL(0, child_wait(children[i]));
    CHECK(pages_hold(pages, 1, 100));
    CHECK_EQUAL(1, page(pages).count);
}

static int chain_end[2]; /* closed for writing when the whole chain has gone */

/* Each writes one page, forks the next, and goes; the last finds what all have written. */
static void link_of_a_chain(long depth) {
    pages_fill(pages + depth % N * PAGE, 1, 1000 + (int)depth);
    if (depth < 50) {
        (void)child_start(link_of_a_chain, depth + 1);
        return;
    }
    close(chain_end[0]);
    gate_wait(&gate); /* all before it are gone, but for the first */
    for (int i = 0; i < N; i++)
        CHECK(pages_hold(pages + (50 - i) % N * PAGE, 1, 1050 - i));
    CHECK_EQUAL(1, write(chain_end[1], check_failures ? "-" : "+", 1));
}

static void a_chain_without_its_middle(void) {
    char result = 0;
    pages = map(N, RW, MAP_PRIVATE);
    pages_fill(pages, N, 100);
    CHECK_EQUAL(0, pipe(chain_end));
    gate_make(&gate);
    CHECK_EQUAL(0, child_run(link_of_a_chain, 1));
    CHECK(pages_hold(pages, N, 100));
    CHECK_EQUAL(0, audit());
    close(chain_end[1]);
    gate_open(&gate);
    CHECK_EQUAL(1, read(chain_end[0], &result, 1));
    CHECK_EQUAL('+', result);
    CHECK_EQUAL(0, read(chain_end[0], &result, 1));
    CHECK_EQUAL(1, page(pages).count);
}

/* ---- Programs ---- */

/* cat, which waits for our end of its pipe. */
static int cat_start(const int in[2]) {
    int pid = (int)sys_fork();
    if (pid == 0) {
        dup2(in[0], 0);
        close(in[0]);
        close(in[1]);
        execl("/bin/cat", "cat", NULL);
        _exit(127);
    }
    struct process_info info = {0};
    while (sys_process_info(pid, &info) == pid && strcmp(info.name, "cat") != 0)
        (void)sys_yield();
    process_wait_blocked(pid);
    return pid;
}

/* The text of two runs of a program is the file server's, and so is data until it is written. */
static void runs_share_their_text(void) {
    int in[2];
    CHECK_EQUAL(0, pipe(in));
    int first = cat_start(in);
    struct page_info text = page_of(first, (void *)USER_IMAGE_BASE);
    CHECK_EQUAL(PAGE_RESIDENT, text.flags);
    CHECK_EQUAL(2, text.count);
    others_wait();
    size_t before = frames_free();
    int second = cat_start(in);
    size_t taken = before - frames_free();
    CHECK_EQUAL(3, page_of(first, (void *)USER_IMAGE_BASE).count);
    CHECK_EQUAL(3, page_of(second, (void *)USER_IMAGE_BASE).count);
    CHECK(taken < 16); /* tables, stack, and the pages of data that it writes */
    close(in[0]);
    close(in[1]);
    CHECK_EQUAL(0, child_wait(first));
    CHECK_EQUAL(0, child_wait(second));
}

static const struct test mapping_tests[] = {
    {"zero_fill_everywhere", "a first read takes no frame, and a first write copies nothing",
     zero_fill_everywhere},
    {"a_file_is_mapped_from_the_server", "a private mapping shares the file server's pages",
     a_file_is_mapped_from_the_server},
    {"parts_of_a_file", "a mapping begins and ends where the file need not", parts_of_a_file},
    {"what_was_cut_off_stays_hidden", "bytes beyond the end of a file are zeros",
     what_was_cut_off_stays_hidden},
    {"a_mapping_outlives_its_file", "what is mapped stays when the file goes",
     a_mapping_outlives_its_file},
    {"a_mapped_file_is_forked", "a mapped file is copy-on-write over fork",
     a_mapped_file_is_forked},
    {"files_that_are_not_mapped", "what cannot be mapped is refused, and nothing is left",
     files_that_are_not_mapped},
    {"regions_split_and_join", "regions are cut where they must, and join where they may",
     regions_split_and_join},
    {"other_kinds_do_not_join", "private and shared neighbours, and two shared ones, stay apart",
     other_kinds_do_not_join},
    {"a_mapping_is_replaced", "a fixed mapping replaces exactly its pages", a_mapping_is_replaced},
    {"random_mappings", "map, unmap, protect, write and fork in any order", random_mappings},
    {"shared_memory_over_forks", "shared memory is one memory in all descendants",
     shared_memory_over_forks},
    {"shared_memory_with_other_rights", "rights and holes are each process's own",
     shared_memory_with_other_rights},
    {"shared_memory_and_exec", "exec leaves shared memory to the others", shared_memory_and_exec},
    {"the_heap_moves", "brk gives zeros, takes pages back, and stays one region", the_heap_moves},
    {"the_heap_meets_a_mapping", "the heap ends where something else begins",
     the_heap_meets_a_mapping},
    {"forks_between_faults", "each fork sees the half of the heap that was touched",
     forks_between_faults},
    {"many_sharers", "300 live sharers of a page", many_sharers},
    {"a_chain_without_its_middle", "a page goes through 50 forks whose makers are gone",
     a_chain_without_its_middle},
    {"runs_share_their_text", "two runs of a program have their text from the file server",
     runs_share_their_text},
    {0},
};
const struct test *const suites[] = {mapping_tests, NULL};
