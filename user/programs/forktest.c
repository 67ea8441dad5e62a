/* forktest: what a user would see if copy-on-write were wrong. Prints what it does, and "passed" or
 * what failed.
 *
 * The three tests of the copy-on-write lab that many courses give, and fork until there is no
 * memory. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/syscall.h"

static size_t frames_free(void) {
    struct memory_info info;
    if (sys_memory_info(&info) < 0)
        errx(1, "no memory information");
    return info.frames_free;
}

static char *pages_map(size_t npages) {
    long start = sys_map(0, npages * USER_PAGE_SIZE, MAP_READ | MAP_WRITE);
    if (start < 0)
        errx(1, "cannot map %zu pages", npages);
    return (char *)start;
}

static void fill(char *pages, size_t npages, int value) {
    for (size_t i = 0; i < npages; i++)
        *(int *)(pages + i * USER_PAGE_SIZE) = value + (int)i;
}

static bool filled(const char *pages, size_t npages, int value) {
    for (size_t i = 0; i < npages; i++)
        if (*(const int *)(pages + i * USER_PAGE_SIZE) != value + (int)i)
            return false;
    return true;
}

static void expect(bool condition, const char *what) {
    if (!condition)
        errx(1, "FAILED: %s", what);
}

static int wait_status(void) {
    int status = -1;
    return wait(&status) < 0 ? -1 : status;
}

/* Two thirds of memory: without sharing there is no room for a second copy. */
static void simple(void) {
    size_t npages = frames_free() / 3 * 2;
    printf("simple: a process with %zu of %zu free frames forks\n", npages, frames_free());
    fflush(stdout);
    char *pages = pages_map(npages);
    fill(pages, npages, 1000);
    int pid = fork();
    expect(pid >= 0, "fork with two thirds of memory in use");
    if (pid == 0)
        _exit(filled(pages, npages, 1000) ? 0 : 1);
    expect(wait_status() == 0, "the child sees the parent's bytes");
    expect(sys_unmap((uintptr_t)pages, npages * USER_PAGE_SIZE) == 0, "unmap");
}

/* Three processes write the same pages, each its own. */
static void three(void) {
    size_t npages = frames_free() / 4;
    puts("three: three processes write the same quarter of memory");
    fflush(stdout);
    char *pages = pages_map(npages);
    fill(pages, npages, 1);
    int child = fork();
    if (child == 0) {
        int grandchild = fork();
        if (grandchild == 0) {
            fill(pages, npages / 2, 3);
            _exit(filled(pages, npages / 2, 3) ? 0 : 1);
        }
        fill(pages, npages, 2);
        bool right = grandchild > 0 && filled(pages, npages, 2);
        _exit(wait_status() == 0 && right ? 0 : 1);
    }
    expect(child > 0 && wait_status() == 0, "children see what they wrote");
    expect(filled(pages, npages, 1), "the parent sees what it wrote");
    expect(sys_unmap((uintptr_t)pages, npages * USER_PAGE_SIZE) == 0, "unmap");
}

/* The kernel writes into shared pages: it must not write into the other's. */
static void into_shared(void) {
    static char buffer[2 * USER_PAGE_SIZE] = "before";
    puts("pipe: the kernel reads into pages that are shared");
    fflush(stdout);
    for (int i = 0; i < 4; i++) {
        int ends[2];
        expect(pipe(ends) == 0, "pipe");
        int pid = fork();
        if (pid == 0) {
            bool right =
                read(ends[0], buffer, sizeof buffer) == 6 && memcmp(buffer, "after!", 6) == 0;
            _exit(right ? 0 : 1);
        }
        expect(pid > 0 && write(ends[1], "after!", 6) == 6 && wait_status() == 0,
               "the child reads");
        expect(memcmp(buffer, "before", 6) == 0, "the parent's buffer is what it was");
        close(ends[0]);
        close(ends[1]);
    }
}

/* Children that wait until no more can be made. */
static void many(void) {
    int ends[2], children = 0, pid;
    char byte;
    puts("many: fork until there is no memory or there are 1000 children");
    fflush(stdout);
    expect(pipe(ends) == 0, "pipe");
    while (children < 1000 && (pid = fork()) >= 0) {
        if (pid == 0) {
            close(ends[1]);
            _exit((int)read(ends[0], &byte, 1));
        }
        children++;
    }
    close(ends[1]); /* end of file: all of them go on */
    close(ends[0]);
    for (int i = 0; i < children; i++)
        expect(wait_status() == 0, "every child ends well");
    expect(wait_status() == -1, "no child is left");
    printf("many: %d children\n", children);
}

int main(void) {
    size_t before = frames_free();
    simple();
    simple();
    three();
    into_shared();
    many();
    /* What this program itself has touched meanwhile: its heap, its stack, page tables. */
    expect(before <= frames_free() + 64, "memory came back");
    puts("forktest: passed");
    return 0;
}
