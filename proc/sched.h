/* The scheduler: which thread runs on which hart.
 *
 * Each hart has a queue, round robin. A thread that is alone runs without a tick; when others are
 * ready it has a slice. A thread that becomes ready goes to a hart that idles, or else to the one
 * that made it ready; a hart that finds its own queue empty takes from others. A message goes from
 * client to server on one hart, without a look at the queues (sched_switch_to). */
#pragma once

#include "lib/list.h"
#include "lib/lock.h"
#include "proc/thread.h"

#define SLICE_NANOSECONDS 10000000 /* 10 ms */

struct page_table;

struct hart {
    struct thread idle; /* current while nothing runs; never leaves the kernel */
    uint32_t index;     /* 0, 1, ...: bit in page_table.harts */
    _Atomic bool runs;  /* it has come up */

    /* This hart's own. */
    struct thread *switch_to;  /* to run next, before the queue; NULL: none */
    struct page_table *loaded; /* NULL: the kernel's own */
    struct thread *fp_owner;   /* whose floating-point registers are in the unit */
    uint64_t slice_end;        /* tick at which the present thread's turn ends, if others wait */
    uint64_t wake_at;          /* the first sleeper's deadline, or earlier */
    uint64_t since;            /* tick at which it came up */
    uint64_t busy;             /* ticks with threads that have left it again */
    _Atomic uint64_t entered;  /* tick at which the present one began; 0: it idles */
    uint64_t nstolen;          /* threads taken from other harts' queues */

    struct lock lock; /* guards the two lists */
    struct list ready;
    struct list sleepers; /* by deadline */
};

/* This hart, whatever runs on it. */
static inline struct hart *hart_current(void) { return thread_current()->context.hart; }

/* Prepare a hart. => kernel_stack: top of the stack that traps use; the context of its idle thread,
 * which is to be its tp */
struct context *sched_init_hart(uint32_t index, void *kernel_stack);

/* This hart is up, its idle thread current: from now on it takes part. */
void sched_join(void);

/* Ticks that a hart has had a thread on it, the present one included. => now: the tick of the
 * asking */
uint64_t sched_busy(const struct hart *hart, uint64_t now);

/* A hart, prepared or not. */
struct hart *sched_hart(uint32_t index);

/* Let the thread run when its turn comes. => it is THREAD_READY and on no list */
void sched_ready(struct thread *thread);

/* Let it run at once on this hart, the way of a message.
 * => as sched_ready; the current thread waits, or is about to */
static inline void sched_switch_to(struct thread *thread);

/* Let it run next, before the current thread, which goes to the end of the queue. => as sched_ready
 */
void sched_run_first(struct thread *thread);

/* Go on with another thread, or with none. The current one goes to the end of the queue when it can
 * still run. => true: there is a current thread; false: nothing is ready, the hart idles */
bool sched_next(void);

/* The current thread sleeps until `deadline` (ticks). */
void sched_sleep(uint64_t deadline);

/* What a wait comes to at its deadline: takes the thread off the list that it waits on.
 * needs: the thread's wait has ended; no lock held. returns: the result of its system call */
typedef long (*sched_timeout)(struct thread *thread);

/* The thread, which waits, is woken at `deadline` (ticks) if nothing else wakes it before. */
void sched_wake_at(struct thread *thread, uint64_t deadline, sched_timeout timeout);

/* Forget its deadline, if it has one. => its wake-up is the caller's, or current */
void sched_forget_sleeper(struct thread *thread);

/* The timer has fired: wake sleepers, end the slice. */
void sched_tick(void);

/* Another hart has sent this one an IPI: it has put a thread into our queue, or has marked ours. */
void sched_ipi(void);

/* Stop all other harts where they hold nothing, and let them go on: for audit.
 * => no lock held */
void sched_stop_others(void);
void sched_resume_others(void);

/* Let a thread that was told to attend to something see it soon, wherever it runs. */
void sched_interrupt(struct thread *thread);

/* Nothing is ready: wait for an interrupt. => the idle thread is current */
void sched_idle(void);

/* The current address space is about to go: translate by the kernel's own table. */
void sched_unload(void);

/* The current process has another address space now. */
void sched_reload(void);

/* ---- In line: each message does it twice ---- */

static inline void sched_switch_to(struct thread *thread) {
    struct hart *hart = hart_current();
    if (hart->switch_to)
        sched_ready(thread);
    else
        hart->switch_to = thread;
}
