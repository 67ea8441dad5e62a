/* Harts as the firmware knows them: start, interrupt, fence (SBI: HSM, IPI and RFENCE extensions).
 *
 * The kernel numbers harts 0, 1, ... in the order in which it takes them in, the boot hart first;
 * only this file knows the firmware's own numbers. */
#pragma once

#include "lib/types.h"

/* Each hart's stack, with the guard page below it. They stand side by side in the image. */
#define KERNEL_STACK_BYTES (4 * PAGE_SIZE)
#define KERNEL_STACK_SLOT (PAGE_SIZE + KERNEL_STACK_BYTES)
extern char kernel_stacks[], kernel_stacks_end[];

static inline char *kernel_stack_top(uint32_t index) {
    return kernel_stacks + (index + 1) * KERNEL_STACK_SLOT;
}

/* The hart with this index has this id of the SBI's. */
void hart_name(uint32_t index, uint32_t id);
uint32_t hart_id(uint32_t index);

/* Let a hart that is off begin at hart_start_here, on this stack and with this context as its
 * tp.
 * => hart_name was called; context->hart_index set
 * => 0; -errno: the firmware refused, and the hart stays off */
struct context;
must_check int hart_start(uint32_t index, void *stack_top, struct context *context);

/* Where a started hart enters C; the one that starts harts supplies it. */
_Noreturn void hart_main(void);

/* Interrupt a hart, this one included. It stays pending until hart_clear_ipi. */
void hart_send_ipi(uint32_t index);
void hart_clear_ipi(void);

/* End all translations of [start, start + nbytes) on the other harts of the mask (bit i: index i).
 * When it returns they are gone. Firmware answers for a hart whatever it does, so it may be waiting
 * for a lock that we hold. */
void hart_fence_others(uint64_t mask, vaddr_t start, uint64_t nbytes);

/* The same for what the other harts have fetched of text: an instruction fence on each. */
void hart_fence_text_others(uint64_t mask);
