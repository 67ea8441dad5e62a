/* Panic: what a maintainer needs, on a stack that works, then a status that is not 0. */
#include "arch/riscv/panic.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "lib/print.h"

#define TEST_DEVICE_PASS 0x5555
#define TEST_DEVICE_FAIL 0x3333 /* the status stands in the upper half */

void panic_from_trap(void);

uint64_t panic_registers[32];
static paddr_t test_device;

static const char *const cause_words[16] = {
    "instruction address misaligned",
    "instruction access fault",
    "illegal instruction",
    "breakpoint",
    "load address misaligned",
    "load access fault",
    "store address misaligned",
    "store access fault",
    "call from user mode",
    "call from supervisor mode",
    "reserved cause 10",
    "call from machine mode",
    "instruction page fault",
    "load page fault",
    "reserved cause 14",
    "store page fault",
};

const char *cause_name(uint64_t cause) {
    return cause < array_length(cause_words) ? cause_words[cause] : "interrupt";
}

static const char *const register_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

void machine_exit_init(paddr_t device) { test_device = device; }

_Noreturn void machine_exit(int status) {
    if (test_device) {
        volatile uint32_t *device = (volatile uint32_t *)(test_device + KERNEL_OFFSET);
        *device =
            status == 0 ? TEST_DEVICE_PASS : TEST_DEVICE_FAIL | (uint32_t)(status & 255) << 16;
    }
    sbi_shutdown();
}

_Noreturn void panic(const char *format, ...) {
    /* A panic while panicking: the first one's lines are what matters. */
    static bool panicking;
    if (panicking)
        machine_exit(PANIC_STATUS);
    panicking = true;
    va_list arguments;
    va_start(arguments, format);
    print("\nkernel panic: ");
    print_arguments(format, arguments);
    print("\n");
    va_end(arguments);
    machine_exit(PANIC_STATUS);
}

void panic_from_trap(void) {
    static bool entered;
    if (entered)
        machine_exit(PANIC_STATUS);
    entered = true;
    uint64_t cause = csr_read(scause);
    for (int i = 0; i < 32; i++)
        print("%4s %016lx%s", register_names[i], (unsigned long)panic_registers[i],
              i % 4 == 3 ? "\n" : "  ");
    panic("%s in the kernel: pc %#lx, address %#lx", cause_name(cause),
          (unsigned long)csr_read(sepc), (unsigned long)csr_read(stval));
}
