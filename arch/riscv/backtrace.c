/* Who called whom: a walk along frame pointers, and names out of the kernel's own symbol table.
 *
 * A frame pointer holds the stack pointer at its function's entry; below it lie the return address
 * and the caller's frame pointer. The kernel is not to be trusted here: a frame is read only when
 * it lies in a kernel stack, and above the last one, so the walk ends and never faults.
 *
 * arch/riscv/symbols.py makes the table from a first link and puts it at the end of the image. */
#include "arch/riscv/backtrace.h"

#include "arch/riscv/harts.h"
#include "lib/print.h"

#define FRAMES_MAX 20 /* of a deep recursion, more lines would tell nothing more */

struct frame {
    uint64_t fp; /* the caller's */
    uint64_t ra; /* in a function that calls none the caller's fp stands here */
};

struct symbol {
    uint32_t start; /* bytes from kernel_start */
    uint32_t name;  /* bytes from symbol_names */
};

extern char kernel_start[], kernel_text_end[], panic_stack[], panic_stack_top[], symbol_names[];
extern const struct symbol symbols_start[], symbols_end[];

bool backtrace_in_guard(uint64_t address) {
    uint64_t offset = address - (uintptr_t)kernel_stacks;
    return offset < (uintptr_t)(kernel_stacks_end - kernel_stacks) &&
           offset % KERNEL_STACK_SLOT < PAGE_SIZE;
}

static bool in_stack(uint64_t fp, const char *low, const char *top) {
    return fp % 16 == 0 && fp >= (uintptr_t)low + sizeof(struct frame) && fp <= (uintptr_t)top;
}

static bool is_frame(uint64_t fp) {
    for (uint32_t hart = 0; hart < HARTS_MAX; hart++)
        if (in_stack(fp, kernel_stack_top(hart) - KERNEL_STACK_BYTES, kernel_stack_top(hart)))
            return true;
    return in_stack(fp, panic_stack, panic_stack_top);
}

static bool is_text(uint64_t address) {
    return address >= (uintptr_t)kernel_start && address < (uintptr_t)kernel_text_end;
}

/* The last symbol that starts at or before `address`. */
static const struct symbol *symbol_find(uint64_t address) {
    const struct symbol *found = NULL, *symbol;
    for (symbol = symbols_start; symbol < symbols_end; symbol++)
        if (address >= (uintptr_t)kernel_start + symbol->start)
            found = symbol;
    return found;
}

/* `inside` is an address of the instruction meant: a return address may be another function's
 * already, since a call that never returns may be the last instruction. */
static void print_line(uint64_t address, uint64_t inside) {
    const struct symbol *symbol = is_text(inside) ? symbol_find(inside) : NULL;
    if (symbol)
        print("  %s+%#lx (%#lx)\n", symbol_names + symbol->name,
              (unsigned long)(address - (uintptr_t)kernel_start - symbol->start),
              (unsigned long)address);
    else
        print("  ? (%#lx)\n", (unsigned long)address);
}

void backtrace_print(uint64_t fp) {
    uint64_t last = 0;
    for (int i = 0; i < FRAMES_MAX && fp != 0; i++) {
        const struct frame *frame = (const struct frame *)fp - 1;
        if (!is_frame(fp) || fp <= last || !is_text(frame->ra)) {
            /* Below a system call this is the program's own frame pointer. */
            print("  no kernel frame at %#lx\n", (unsigned long)fp);
            return;
        }
        print_line(frame->ra, frame->ra - 1);
        last = fp;
        fp = frame->fp;
    }
}

void backtrace_print_trap(uint64_t pc, uint64_t fp, uint64_t ra) {
    const struct frame *frame = (const struct frame *)fp - 1;
    print_line(pc, pc);
    if (is_frame(fp) && is_frame(frame->ra)) {
        print_line(ra, ra - 1);
        fp = frame->ra;
    }
    backtrace_print(fp);
}
