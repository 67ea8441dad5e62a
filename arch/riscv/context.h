/* What is saved of a thread when it traps: the layout that trap.S and C agree on.
 *
 * Register xN lies at 8 * N; x0 is always 0, so its place holds the program counter. */
#pragma once

#define CONTEXT_PC 0
#define CONTEXT_REGISTER(n) (8 * (n))
#define CONTEXT_PENDING (8 * 32)
#define CONTEXT_KERNEL_STACK (8 * 33)
#define CONTEXT_HART_INDEX (8 * 34)

/* struct hart_start, as entry.S has it. */
#define HART_START_ID 0
#define HART_START_CONTEXT 8
#define HART_START_SIZE 16
#define HART_STARTS 8 /* as many as HARTS_MAX */

/* Why a system call may not simply go back to the thread that made it. */
#define PENDING_RESCHEDULE 1 /* it waits, or others are to run */
#define PENDING_REGISTERS 2  /* its registers are complete: the handler's result is not for a0 */
#define PENDING_END 4        /* its process is ending */
#define PENDING_WAIT 8       /* a child may have ended: its wait looks again */

#ifndef __ASSEMBLER__
#include <stdatomic.h>

#include "lib/types.h"

/* x1..x31 by their names in the calling convention. */
enum register_number {
    RA = 1,
    SP = 2,
    GP = 3,
    TP = 4,
    T0 = 5,
    A0 = 10,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7
};

struct hart;

struct context {
    union {
        uint64_t pc;
        uint64_t x[32];
    };
    _Atomic uint64_t pending; /* PENDING_*; others set bits, its own hart clears them */
    uint64_t kernel_stack;    /* top of the stack of the hart that runs it */
    uint64_t hart_index;      /* of the hart that runs it, or ran it last */
    struct hart *hart;
};

/* What a hart is given that another one starts. */
struct hart_start {
    uint64_t id;             /* the firmware's */
    struct context *context; /* NULL: the first hart, or not there */
};

_Static_assert(offsetof(struct context, pending) == CONTEXT_PENDING, "as trap.S has it");
_Static_assert(offsetof(struct context, hart_index) == CONTEXT_HART_INDEX, "as trap.S has it");
_Static_assert(offsetof(struct context, kernel_stack) == CONTEXT_KERNEL_STACK, "as trap.S has it");

/* Load all of the context's registers and go on in user mode.
 * => satp and sstatus are as the thread needs them */
_Noreturn void user_resume(struct context *context);

/* The trap vector while harts run user programs. */
void user_trap(void);
#endif
