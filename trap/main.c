/* The start of the kernel: a call a line, in the order in which one thing needs another. */
#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/panic.h"
#include "drivers/plic.h"
#include "drivers/timer.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "proc/process.h"
#include "proc/sched.h"
#include "trap/begin.h"

void kernel_main(uint64_t hart, paddr_t tree);

extern char boot_stack_top[];

static struct machine machine;

static void report(uint64_t hart) {
    print("byre: hart %lu of %zu, %zu MiB of RAM in %zu ranges, %zu of %zu frames free\n",
          (unsigned long)hart, machine.nharts, frame_total_count() * PAGE_SIZE >> 20, machine.nram,
          frame_free_count(), frame_total_count());
    if (machine.nram_ignored > 0)
        print("byre: %zu more ranges of RAM are not used\n", machine.nram_ignored);
}

/* The boot hart's own devices, and its way into the scheduler. */
static void hart_init(uint64_t id) {
    uint32_t context = PLIC_NO_CONTEXT;
    bool sstc = machine.nharts > 0;
    for (size_t i = 0; i < machine.nharts; i++) {
        sstc = sstc && machine.harts[i].has_sstc;
        if (machine.harts[i].id == id)
            context = machine.harts[i].plic_context;
    }
    if (machine.timebase == 0)
        panic("the device tree states no timebase: there is no clock");
    timer_init(machine.timebase, sstc);
    plic_init(context == PLIC_NO_CONTEXT ? 0 : machine.plic.start);
    plic_context_init(context);
    csr_write(scounteren, 7); /* programs may read cycle, time and instret */
    csr_write(sstatus, 0);    /* user mode next, floating point off, interrupts off until then */
    sched_init((uint32_t)id, context, boot_stack_top);
    panic_init(process_print_current);
}

void kernel_main(uint64_t hart, paddr_t tree) {
    if (fdt_read(tree, (const void *)(tree + KERNEL_OFFSET), &machine) < 0)
        panic("the firmware gave no device tree that can be read, at %#lx", (unsigned long)tree);
    machine_exit_init(machine.test_device);
    if (paging_init_frames(&machine) < 0)
        panic("too little RAM: no room for the table of frames");
    paging_init_kernel(&machine);
    hart_init(hart);
    report(hart);
    begin(&machine);
}
