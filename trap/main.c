/* The start of the kernel: a call a line, in the order in which one thing needs another. */
#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/pmm.h"
#ifdef BYRE_TEST
#include "tests/kernel/suite.h"
#endif

void kernel_main(uint64_t hart, paddr_t tree);

static struct machine machine;

static void report(uint64_t hart) {
    print("byre: hart %lu of %zu, %zu MiB of RAM in %zu ranges, %zu of %zu frames free\n",
          (unsigned long)hart, machine.nharts, frame_total_count() * PAGE_SIZE >> 20, machine.nram,
          frame_free_count(), frame_total_count());
    if (machine.nram_ignored > 0)
        print("byre: %zu more ranges of RAM are not used\n", machine.nram_ignored);
}

void kernel_main(uint64_t hart, paddr_t tree) {
    if (fdt_read(tree, (const void *)(tree + KERNEL_OFFSET), &machine) < 0)
        panic("the firmware gave no device tree that can be read, at %#lx", (unsigned long)tree);
    machine_exit_init(machine.test_device);
    if (paging_init_frames(&machine) < 0)
        panic("too little RAM: no room for the table of frames");
    paging_init_kernel(&machine);
    report(hart);
#ifdef BYRE_TEST
    machine_exit(suite_run());
#else
    print("byre: nothing to run yet, powering off\n");
    machine_exit(0);
#endif
}
