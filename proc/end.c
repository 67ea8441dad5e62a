/* The end of threads and processes, and what brings it about: exit, kill, exec.
 *
 * The one idea: a process ends by itself. A kill only marks its threads and ends their waits; each
 * takes itself apart when it would go on, in its own context, where nothing else of it runs. The
 * last one gives everything back before the parent hears of it. */
#include "arch/riscv/panic.h"
#include "drivers/timer.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/usercopy.h"
#include "proc/call.h"
#include "proc/exec.h"
#include "proc/fp.h"
#include "proc/futex.h"
#include "proc/sched.h"
#include "proc/tree.h"
#include "proc/wait.h"

#define STATUS_INIT_LOST 98 /* QEMU's exit status when nothing can run any more */

/* ---- Mark ---- */

/* Let a thread that is to end see it. */
static void end_thread_locked(struct thread *thread) {
    assert(lock_is_held(&tree_lock));
    thread_add_pending(thread, PENDING_END);
    /* It takes itself off the list that it waits on: see leave_wait. */
    if (thread_win_wakeup(thread))
        sched_ready(thread);
    else
        sched_interrupt(thread);
}

static void end_locked(struct process *process, int status) {
    struct thread *thread;
    assert(lock_is_held(&tree_lock));
    if (process->ending)
        return;
    process->ending = true;
    process->status = status;
    list_for_each (thread, &process->threads, sibling)
        end_thread_locked(thread);
}

void process_end(struct process *process, int status) {
    lock_acquire(&tree_lock);
    end_locked(process, status);
    lock_release(&tree_lock);
}

long process_thread_exit(vaddr_t word) {
    static const uint32_t zero;
    if (word != 0 && copy_out(process_current()->as, word, &zero, sizeof zero) == 0)
        (void)futex_wake(word, UINT64_MAX);
    thread_add_pending(thread_current(), PENDING_END);
    return 0;
}

/* ---- Kill ---- */

int process_open(long pid, struct process **result) {
    lock_acquire(&tree_lock);
    struct process *process = tree_find(pid);
    int error = !process ? -ESRCH : tree_is_descendant(process, process_current()) ? 0 : -EPERM;
    if (!error)
        object_get(&process->object);
    lock_release(&tree_lock);
    *result = process;
    return error;
}

long process_kill(long pid, uint64_t signal) {
    struct process *process;
    if (signal > SIGNAL_MAX)
        return -EINVAL;
    int error = process_open(pid, &process);
    if (error)
        return error;
    if (signal != 0)
        process_end(process, (int)signal);
    object_put(&process->object);
    return 0;
}

long process_kill_tree(struct process *process, uint64_t signal) {
    if (signal == 0 || signal > SIGNAL_MAX)
        return -EINVAL;
    lock_acquire(&tree_lock);
    for (struct process *each = process; each; each = tree_next_descendant(each, process))
        end_locked(each, (int)signal);
    lock_release(&tree_lock);
    return 0;
}

/* ---- Exec by one of several threads ---- */

bool process_wait_alone(struct execution *execution) {
    struct thread *self = thread_current(), *thread;
    struct process *process = self->process;
    lock_acquire(&tree_lock);
    bool alone = process->nthreads == 1, first = !process->execution && !process->ending;
    if (!alone && first) {
        process->execution = execution;
        list_for_each (thread, &process->threads, sibling)
            if (thread != self)
                end_thread_locked(thread);
        thread_wait(self, WAIT_ALONE);
    }
    lock_release(&tree_lock);
    if (!alone && !first)
        exec_abandon(execution); /* this thread is about to end */
    return alone;
}

/* A thread has ended. If one is left, and waits for that, its exec is to be finished.
 * returns: that exec, and the caller finishes it; NULL: there is none */
static struct execution *execution_take(struct process *process) {
    assert(lock_is_held(&tree_lock));
    struct execution *execution = process->execution;
    struct thread *left = list_first(&process->threads, struct thread, sibling);
    if (process->nthreads != 1 || !execution || !left || !thread_wake(left))
        return NULL;
    process->execution = NULL;
    return execution;
}

/* ---- A thread takes itself apart ---- */

static void leave_exec(struct process *process) {
    lock_acquire(&tree_lock);
    struct execution *execution = process->execution;
    process->execution = NULL;
    lock_release(&tree_lock);
    exec_abandon(execution);
}

/* The thread was on a list when its wait was ended by a kill: take it off, and what came with it.
 * Nobody else touches it: whoever meets it on the list finds that its wake-up is taken. */
static void leave_wait(struct thread *thread) {
    switch (thread->wait) {
    case WAIT_NONE:
    case WAIT_SLEEP:
        break;
    case WAIT_CHILD:
        wait_leave(thread);
        break;
    case WAIT_FUTEX:
        futex_leave(thread);
        break;
    case WAIT_ALONE:
        leave_exec(thread->process);
        break;
    case WAIT_RECEIVE:
    case WAIT_SEND:
    case WAIT_REPLY:
        call_leave_wait(thread);
        break;
    }
}

/* All that the process had is given back: now its parent may know. */
static void announce(struct process *process) {
    if (process == init_process) {
        print("byre: init has ended (status %#x): nothing is left to run, powering off\n",
              (unsigned)process->status);
        machine_exit(STATUS_INIT_LOST);
    }
    lock_acquire(&tree_lock);
    struct process *heir = tree_give_away_children(process);
    list_remove(&process->sibling);
    list_push_back(&process->parent->ended, &process->sibling);
    process->waitable = true;
    wait_wake(process->parent);
    if (heir)
        wait_wake(heir);
    lock_release(&tree_lock);
}

/* The last thread of the process is gone. */
static void end_last(struct process *process) {
    call_reset_received(process);
    handle_close_all(&process->handles);
    lock_acquire(&tree_lock);
    struct aspace *as = process->as;
    process->as = NULL; /* who has locked it through process_lock_space may still look */
    lock_release(&tree_lock);
    aspace_destroy(as);
    announce(process);
}

void process_end_thread(void) {
    struct thread *thread = thread_current();
    struct process *process = thread->process;
    leave_wait(thread);
    sched_forget_sleeper(thread);
    fp_forget(thread);
    sched_unload(); /* the address space may go with another thread of it, on another hart */
    process_count_time(process, timer_now() - thread->started);
    lock_acquire(&tree_lock);
    list_remove(&thread->sibling);
    bool last = --process->nthreads == 0;
    process->ending |= last; /* its last thread may have ended by itself: status 0 */
    struct execution *execution = execution_take(process);
    lock_release(&tree_lock);
    thread_set_current(&thread->context.hart->idle);
    thread_free(thread);
    if (execution)
        exec_finish(execution);
    if (last)
        end_last(process);
}
