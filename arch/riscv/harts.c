/* Harts: indexes to the firmware's ids, and the calls. */
#include "arch/riscv/harts.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/context.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "machine_inline.h"

#define SIP_SOFTWARE 2 /* the bit of an interrupt by another hart */

extern char hart_entry[];

extern struct hart_start hart_starts[]; /* entry.S; each at the index of its hart */

_Static_assert(HART_STARTS == HARTS_MAX, "entry.S");
_Static_assert(offsetof(struct hart_start, id) == HART_START_ID, "entry.S");
_Static_assert(offsetof(struct hart_start, context) == HART_START_CONTEXT, "entry.S");
_Static_assert(sizeof(struct hart_start) == HART_START_SIZE, "entry.S");

void hart_name(uint32_t index, uint32_t id) {
    assert(index < HARTS_MAX);
    hart_starts[index].id = id;
}

uint32_t hart_id(uint32_t index) { return (uint32_t)hart_starts[index].id; }

int hart_start(uint32_t index, void *stack_top, struct context *context) {
    /* The entry has nothing but one argument: the context, which says where the stack is. */
    context->kernel_stack = (uintptr_t)stack_top;
    hart_starts[index].context = context; /* for a hart that misses the argument: entry.S */
    return sbi_hart_start(hart_id(index), (uintptr_t)hart_entry - KERNEL_OFFSET,
                          (uintptr_t)context);
}

void hart_send_ipi(uint32_t index) { sbi_send_interrupt(hart_id(index)); }

void hart_clear_ipi(void) { __asm__ volatile("csrc sip, %0" ::"r"(SIP_SOFTWARE) : "memory"); }

void hart_fence_others(uint64_t mask, vaddr_t start, uint64_t nbytes) {
    for (mask &= ~((uint64_t)1 << hart_index()); mask; mask &= mask - 1)
        sbi_remote_fence(hart_id(lowest_bit(mask)), start, nbytes);
}

void hart_fence_text_others(uint64_t mask) {
    for (mask &= ~((uint64_t)1 << hart_index()); mask; mask &= mask - 1)
        sbi_remote_fence_text(hart_id(lowest_bit(mask)));
}
