/* pmap [-r] PID: the regions of a process, and page by page what is there: resident or not, shared,
 * marked copy-on-write, and how many page tables refer to the frame. -r: regions only.
 *
 * Neighbours that look alike stand in one line. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byre/syscall.h"

#define BATCH 512 /* pages asked for at once */

static const char *kind_name(uint32_t kind) {
    static const char *const names[] = {"private", "shared", "device", "guard"};
    return kind < 4 ? names[kind] : "?";
}

static void show_pages(uintptr_t start, uintptr_t end, const struct page_info *page) {
    if (!(page->flags & PAGE_RESIDENT))
        return;
    printf("    %012lx-%012lx %5lu page%s", start, end, (end - start) / USER_PAGE_SIZE,
           end - start == USER_PAGE_SIZE ? " " : "s");
    printf("%s%s%s", page->flags & PAGE_WRITABLE ? " writable" : " read-only",
           page->flags & PAGE_COW ? " cow" : "", page->flags & PAGE_ZERO ? " zero" : "");
    if (page->count && !(page->flags & PAGE_ZERO))
        printf(" count %u%s", page->count, page->count > 1 ? " (shared)" : "");
    putchar('\n');
}

static bool alike(const struct page_info *a, const struct page_info *b) {
    return a->flags == b->flags && (a->count == b->count || (a->flags & PAGE_ZERO));
}

static void show_region(int pid, const struct region_info *region) {
    static struct page_info pages[BATCH];
    struct page_info run = {0};
    uintptr_t run_start = region->start, va = region->start;
    while (va < region->end) {
        size_t n = (region->end - va) / USER_PAGE_SIZE;
        if (sys_page_info(pid, va, pages, n < BATCH ? n : BATCH) < 0)
            break;
        for (size_t i = 0; i < (n < BATCH ? n : BATCH); i++, va += USER_PAGE_SIZE)
            if (!alike(&run, &pages[i])) {
                show_pages(run_start, va, &run);
                run = pages[i];
                run_start = va;
            }
    }
    show_pages(run_start, va, &run);
}

int main(int argc, char **argv) {
    bool regions_only = argc == 3 && strcmp(argv[1], "-r") == 0;
    char *end;
    struct region_info region;
    if (argc != 2 + regions_only)
        errx(2, "usage: pmap [-r] PID");
    int pid = (int)strtol(argv[argc - 1], &end, 10);
    if (*end || pid <= 0)
        errx(2, "%s: not a process number", argv[argc - 1]);
    long error = 0;
    for (uintptr_t va = 0; (error = sys_region_info(pid, va, &region)) == 0; va = region.end) {
        printf("%012lx-%012lx %c%c%c %-7s %8lu KiB\n", (unsigned long)region.start,
               (unsigned long)region.end, region.rights & MAP_READ ? 'r' : '-',
               region.rights & MAP_WRITE ? 'w' : '-', region.rights & MAP_EXEC ? 'x' : '-',
               kind_name(region.kind), (unsigned long)(region.end - region.start) / 1024);
        if (!regions_only && region.kind != REGION_DEVICE)
            show_region(pid, &region);
    }
    if (error == -3)
        errx(1, "%d: no such process", pid);
    return 0;
}
