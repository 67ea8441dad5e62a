/* The whole kernel on fake harts: proc/ and trap/ as they are, over fake registers.
 *
 * A user program is a chain of functions, each a system call; a thread's pc is the one to call
 * next, so fork and kill do to it what they do to a program. */
#pragma once

#include "proc/process.h"
#include "tests/interleave/explore.h"

/* One system call by the current thread. => its result */
typedef long (*user_step)(void);

/* What the current thread does next; a thread begins with it. Before a system call: fork copies it.
 */
void user_next(user_step step);

/* The result of the current thread's last system call. */
long user_result(void);

/* System calls by hand: it ends; it waits for ever; it goes on in user mode until it is
 * interrupted. */
long user_exit(void);
long user_pause(void);
long user_spin(void);

/* The current thread's floating-point register, to be changed or looked at. */
uint64_t *user_fp_register(void);

/* What a program that exec has built begins with. */
extern user_step user_program;

/* A fresh kernel on the harts 0..nharts - 1, with an init that begins with `step`. Hart 0 runs
 * until its current thread is about to do `stop`; who is about to do `held` lets others go first.
 */
void kernel_boot(uint32_t nharts, user_step step, user_step held, user_step stop);

/* An act: the hart runs what is ready, until nothing ever will be. */
void kernel_run(void);

/* Init is what is left, with nothing but its one thread, which waits. It goes too. */
void kernel_end(void);
