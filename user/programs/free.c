/* free [-e]: what memory is used for; -e: and what copy-on-write has done since boot. */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "byre/syscall.h"

static void line(const char *name, uint64_t frames) {
    printf("%-14s %8lu %9lu\n", name, (unsigned long)frames, (unsigned long)frames * 4);
}

static void event(const char *name, uint64_t count) {
    printf("%-14s %8lu\n", name, (unsigned long)count);
}

int main(int argc, char **argv) {
    struct memory_info info;
    int events = argc == 2 && strcmp(argv[1], "-e") == 0;
    if (argc > 1 && !events)
        errx(2, "usage: free [-e]");
    if (sys_memory_info(&info) < 0)
        return 1;
    printf("%-14s %8s %9s\n", "", "FRAMES", "KiB");
    line("total", info.frames_total);
    line("free", info.frames_free);
    line("kernel", info.frames_kernel);
    line("  page tables", info.page_table_frames);
    line("programs", info.frames_total - info.frames_free - info.frames_kernel);
    if (!events)
        return 0;
    event("page faults", info.faults);
    event("copied", info.copies);
    event("reused", info.reuses);
    event("zero mapped", info.zero_maps);
    event("zero filled", info.zero_fills);
    event("spurious", info.spurious);
    event("refused", info.refused);
    return 0;
}
