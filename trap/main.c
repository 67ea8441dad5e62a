/* The start of the kernel: a call a line, in the order in which one thing needs another. */
#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/harts.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/panic.h"
#include "drivers/plic.h"
#include "drivers/timer.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "proc/fp.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "proc/resource.h"
#include "proc/sched.h"
#include "trap/begin.h"
#include "trap/trap.h"

void kernel_main(uint64_t hart, paddr_t tree);

static struct machine machine;

static void report(void) {
    print("byre: hart %u of %zu, %zu MiB of RAM in %zu ranges, %zu of %zu frames free\n",
          hart_id(0), machine.nharts, frame_total_count() * PAGE_SIZE >> 20, machine.nram,
          frame_free_count(), frame_total_count());
    if (machine.nram_ignored > 0)
        print("byre: %zu more ranges of RAM are not used\n", machine.nram_ignored);
    if (machine.nharts_ignored > 0)
        print("byre: %zu more harts are not used\n", machine.nharts_ignored);
}

/* The clock, and who gets interrupts. */
static void devices_init(uint64_t boot_hart) {
    uint32_t context = PLIC_NO_CONTEXT;
    bool sstc = machine.nharts > 0, fp = machine.nharts > 0;
    for (size_t i = 0; i < machine.nharts; i++) {
        sstc = sstc && machine.harts[i].has_sstc;
        fp = fp && machine.harts[i].has_fp;
        if (machine.harts[i].id == boot_hart)
            context = machine.harts[i].plic_context;
    }
    if (machine.timebase == 0)
        panic("the device tree states no timebase: there is no clock");
    timer_init(machine.timebase, sstc);
    fp_init(fp);
    plic_init(context == PLIC_NO_CONTEXT ? 0 : machine.plic.start);
    plic_context_init(context);
    interrupt_init(context);
}

/* What each hart does for itself. */
static void hart_init(void) {
    csr_write(scounteren, 7); /* programs may read cycle, time and instret */
    csr_write(sstatus, 0);    /* user mode next, floating point off, interrupts off until then */
    timer_set(TIMER_NEVER);
    sched_join();
}

/* => the boot hart is current from now on */
static void boot_hart_init(uint32_t id) {
    hart_name(0, id);
    thread_set_current(
        container_of(sched_init_hart(0, kernel_stack_top(0)), struct thread, context));
    hart_init();
    panic_init(process_print_current);
}

_Noreturn void hart_main(void) {
    paging_load_kernel();
    hart_init();
    trap_start();
}

/* One that does not start is left out: nothing waits for it. */
static void harts_start(uint32_t boot_hart) {
    uint32_t index = 1;
    for (size_t i = 0; i < machine.nharts && index < HARTS_MAX; i++) {
        if (machine.harts[i].id == boot_hart)
            continue;
        hart_name(index, machine.harts[i].id);
        void *stack = kernel_stack_top(index);
        if (hart_start(index, stack, sched_init_hart(index, stack)) == 0)
            index++;
        else
            print("byre: hart %u does not start; going on without it\n", machine.harts[i].id);
    }
}

void kernel_main(uint64_t hart, paddr_t tree) {
    if (fdt_read(tree, (const void *)(tree + KERNEL_OFFSET), (uint32_t)hart, &machine) < 0)
        panic("the firmware gave no device tree that can be read, at %#lx", (unsigned long)tree);
    machine_exit_init(machine.test_device);
    if (paging_init_frames(&machine) < 0)
        panic("too little RAM: no room for the table of frames");
    paging_init_kernel(&machine);
    devices_init(hart);
    futex_init();
    boot_hart_init((uint32_t)hart);
    report();
    harts_start((uint32_t)hart);
    begin(&machine);
}
