/* Harts: indexes to the firmware's ids, and the calls. */
#include "arch/riscv/harts.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/trapframe.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "machine_inline.h"

#define SIP_SOFTWARE 2 /* the bit of an interrupt by another hart */

extern char hart_entry[];

static uint32_t ids[HARTS_MAX];

void hart_name(uint32_t index, uint32_t id) {
    assert(index < HARTS_MAX);
    ids[index] = id;
}

uint32_t hart_id(uint32_t index) { return ids[index]; }

int hart_start(uint32_t index, void *stack_top, struct trapframe *frame) {
    /* The entry has nothing but one argument: the frame, which says where the stack is. */
    frame->kernel_stack = (uintptr_t)stack_top;
    return sbi_hart_start(ids[index], (uintptr_t)hart_entry - KERNEL_OFFSET, (uintptr_t)frame);
}

void hart_poke(uint32_t index) { sbi_send_interrupt(ids[index]); }

void hart_poke_taken(void) { __asm__ volatile("csrc sip, %0" ::"r"(SIP_SOFTWARE) : "memory"); }

void hart_fence_others(uint64_t mask, vaddr_t start, uint64_t nbytes) {
    for (mask &= ~((uint64_t)1 << hart_index()); mask; mask &= mask - 1)
        sbi_remote_fence(ids[lowest_bit(mask)], start, nbytes);
}
