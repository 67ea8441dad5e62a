/* Processes: an address space, a handle table and threads, in a tree of parents and children.
 *
 * The chapter is docs/processes.md. */
#pragma once

#include "lib/abi.h"
#include "mm/aspace.h"
#include "proc/handle.h"
#include "proc/thread.h"

#define PID_INIT 1

struct process {
    struct object object; /* the tree holds one reference until the process was waited for */

    struct aspace *as; /* changed only by exec and the end, once one thread is left */
    struct handle_table handles;
    char name[PROCESS_NAME_MAX];
    _Atomic uint64_t ticks; /* time on harts */
    bool serves;            /* it has received a call at some time */

    /* Guarded by the process tree's lock. */
    uint32_t pid;
    struct process *parent;
    _Atomic uint32_t parent_pid; /* read without the lock; the parent of init is 0 */
    struct list children;        /* alive */
    struct list ended;           /* children not yet waited for */
    struct list sibling;         /* in one of the two lists of its parent */
    struct list waiters;         /* its threads that wait for a child */
    struct list threads;
    size_t nthreads;
    struct execution *execution; /* an exec that waits for the other threads to end */
    bool ending;
    bool waitable; /* in its parent's list of ended ones */
    bool adopts;   /* orphans among its descendants become its children */
    int status;    /* as POSIX wait tells it, once it is ending */
};

struct execution; /* proc/exec.c's */

extern const struct object_type process_type;

static inline struct process *process_current(void) { return thread_current()->process; }

/* The first process, which inherits orphans: without an address space, its thread not ready.
 * => 0, *process and *thread; an error: nothing can run */
must_check int process_create_first(struct process **process, struct thread **thread);

/* A thread of it was on a hart for so long. */
static inline void process_count_time(struct process *process, uint64_t ticks) {
    atomic_fetch_add_explicit(&process->ticks, ticks, memory_order_relaxed);
}

/* fork (POSIX). => the child's pid; -ENOMEM, or -EINTR: the process is ending; nothing changed */
long process_fork(void);

/* A further thread of the current process, which begins at `entry` with `argument` in a0.
 * => its id; -ENOMEM; -EINTR: the process ends, or execs */
long process_thread_create(vaddr_t entry, vaddr_t stack, uint64_t argument, uint64_t tp);

/* The current thread ends. The word (0: none) becomes 0 and is woken as a futex: from then on
 * nothing of the thread uses the process's memory. The last one's end ends the process. */
long process_thread_exit(vaddr_t word);

/* End the process's other threads, and let the current one wait until they have.
 * => true: there are none, go on; false: it waits, or it is one that another exec ends */
bool process_wait_alone(struct execution *execution);

/* Put a new address space in the place of the process's. => the old one */
struct aspace *process_replace_space(struct process *process, struct aspace *as);

/* End the current process with this wait status: its threads end as soon as they would go on. */
void process_end(struct process *process, int status);

/* The current thread ends, and with the last one its process. Afterwards the hart's idle thread is
 * current. => it is marked PENDING_END */
void process_end_thread(void);

/* From now on (1) the current process gets the orphans among its descendants, or no longer (0); the
 * nearest ancestor that wants them does, at last init. A fork does not inherit the wish.
 * => 0; -EINVAL */
long process_adopt(uint64_t adopts);

/* kill (POSIX): for the process itself and its descendants. Signal 0 only asks.
 * => 0; -EINVAL; -ESRCH; -EPERM */
long process_kill(long pid, uint64_t signal);

/* End a process and all its descendants. => 0 or -EINVAL */
long process_kill_tree(struct process *process, uint64_t signal);

/* A descendant, or the process itself, with a reference for the caller.
 * => 0 and *process; -ESRCH; -EPERM */
must_check int process_open(long pid, struct process **process);

/* Any process, for looking at: with a reference for the caller. NULL: there is none.
 * process_next: the first with this pid or a larger one. */
struct process *process_get(long pid);
struct process *process_next(long least_pid);

/* Fill in what `ps` shows. */
void process_describe(struct process *process, struct process_info *info);

/* The address space of a process that may end or exec meanwhile, locked: the caller unlocks it.
 * returns: NULL: the process has ended */
struct aspace *process_lock_space(struct process *process);

/* Print a line that says which hart this is and which process it runs: for panic, so no lock. */
void process_print_current(void);
