/* The dispatcher: what a trap means, and who goes on afterwards. Called from arch/riscv/trap.S. */
#pragma once

#include "arch/riscv/context.h"

/* A trap that is no system call: `cause` and `value` are scause and stval.
 * => all registers of the current thread are saved
 * => the context to go on with. NULL: the current thread goes on at once. That another context is
 * the same thread's says less: it may have run on another hart meanwhile */
struct context *trap_handle(uint64_t cause, uint64_t value);

/* A system call whose thread may not simply go on; `result` is the handler's.
 * => the context to go on with */
struct context *trap_leave(long result);

/* Run what is ready, for ever. => the current thread is the hart's idle thread */
_Noreturn void trap_start(void);
