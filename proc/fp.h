/* Floating-point registers of user threads: whose they are on each hart, and when they are saved
 * and loaded. docs/traps.md tells the rules; the instructions are arch/riscv/fp.h's. */
#pragma once

#include "proc/sched.h"

/* Once, before any thread runs. exists: every hart has the unit (F and D extensions). */
void fp_init(bool exists);

/* The current thread used floating point.
 * returns: true: the unit was off, and is on now, with the thread's registers; false: it was on
 *          already, or the machine has none */
bool fp_use(void);

/* Give the child the current thread's floating-point state. */
void fp_fork(struct thread *child);

/* The thread begins anew, or ends: it has no floating-point state.
 * needs: the thread is current, or no hart holds anything of it (on_hart) */
void fp_forget(struct thread *thread);

/* The hart goes over to another thread, or to none (NULL): save what would be lost, and let the
 * unit be on for its owner only. needs: the thread that it leaves is still current */
static inline void fp_switch(struct hart *hart, struct thread *next);

/* ---- In line: most threads use none ---- */

void fp_switch_unit(struct hart *hart, struct thread *next);

static inline void fp_switch(struct hart *hart, struct thread *next) {
    if (fp_unit() != 0 || hart->fp_owner == next)
        fp_switch_unit(hart, next);
}
