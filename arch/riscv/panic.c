/* Panic: what a maintainer needs, on a stack that works, then a status that is not 0. */
#include "arch/riscv/panic.h"

#include <stdatomic.h>

#include "arch/riscv/backtrace.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "lib/print.h"

#define TEST_DEVICE_PASS 0x5555
#define TEST_DEVICE_FAIL 0x3333 /* the status stands in the upper half */

void panic_from_trap(void);
void panic_from_trap_again(void);

uint64_t panic_registers[32];
static paddr_t test_device;
static void (*describe_context)(void);

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

enum { RA = 1, FP = 8 }; /* in panic_registers */

void panic_init(void (*describe)(void)) { describe_context = describe; }

void machine_exit_init(paddr_t device) { test_device = device; }

/* The store only asks for the machine's end, and this hart may run on meanwhile. It must not come
 * to the firmware's shutdown, which would replace the status. */
_Noreturn static void test_device_exit(int status) {
    volatile uint32_t *device = (volatile uint32_t *)(test_device + KERNEL_OFFSET);
    *device = status == 0 ? TEST_DEVICE_PASS : TEST_DEVICE_FAIL | (uint32_t)(status & 255) << 16;
    for (;;)
        __asm__ volatile("wfi");
}

_Noreturn void machine_exit(int status) {
    if (test_device)
        test_device_exit(status);
    sbi_shutdown();
}

/* The first panic is told in full. One that happens on the same hart meanwhile, in telling it, is
 * told in a line, and one more not at all. Other harts wait for the machine's end. */
static void panic_begin(const char *format, va_list arguments) {
    static _Atomic uint64_t first; /* the tp of its hart, which does not change any more */
    static int npanics;
    uint64_t self = (uintptr_t)__builtin_thread_pointer() | 1, before = 0;
    if (!atomic_compare_exchange_strong(&first, &before, self) && before != self)
        for (;;)
            __asm__ volatile("wfi");
    if (++npanics > 2)
        machine_exit(PANIC_STATUS);
    print(npanics == 1 ? "\nkernel panic: " : "\nkernel panic inside a panic: ");
    print_arguments(format, arguments);
    print("\n");
    if (npanics > 1)
        machine_exit(PANIC_STATUS);
    if (describe_context)
        describe_context();
}

_Noreturn void panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    panic_begin(format, arguments);
    va_end(arguments);
    backtrace_print((uintptr_t)__builtin_frame_address(0));
    machine_exit(PANIC_STATUS);
}

static void trap_begin(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    panic_begin(format, arguments);
    va_end(arguments);
}

static void print_registers(void) {
    for (int i = 0; i < 32; i++)
        print("%4s %016lx%s", register_names[i], (unsigned long)panic_registers[i],
              i % 4 == 3 ? "\n" : "  ");
}

void panic_from_trap(void) {
    uint64_t cause = csr_read(scause), pc = csr_read(sepc), address = csr_read(stval);
    uint64_t fp = panic_registers[FP], ra = panic_registers[RA];
    trap_begin("%s: pc %#lx, address %#lx",
               backtrace_in_guard(address) ? "kernel stack overflow" : cause_name(cause),
               (unsigned long)pc, (unsigned long)address);
    print_registers();
    backtrace_print_trap(pc, fp, ra);
    machine_exit(PANIC_STATUS);
}

void panic_from_trap_again(void) {
    trap_begin("%s: pc %#lx", cause_name(csr_read(scause)), (unsigned long)csr_read(sepc));
    machine_exit(PANIC_STATUS);
}
