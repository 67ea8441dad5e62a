/* Processes: fork, exit, wait, kill.
 *
 * The one idea: a process ends by itself. A kill only marks its threads and ends their waits; each
 * takes itself apart when it would go on, in its own context, where nothing else of it runs. The
 * last one gives everything back before the parent hears of it. */
#include "proc/process.h"

#include "arch/riscv/harts.h"
#include "arch/riscv/panic.h"
#include "drivers/timer.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/cache.h"
#include "mm/fork.h"
#include "mm/usercopy.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/call.h"
#include "proc/sched.h"

#define STATUS_INIT_LOST 98 /* QEMU's exit status when nothing can run any more */

static struct cache process_cache = CACHE_INIT("processes", struct process);
static struct lock tree_lock = LOCK_INIT("process tree", LOCK_RANK_PROCESS_TREE);

/* Guarded by tree_lock. */
static struct idmap pids;
static long next_pid = PID_INIT;

static struct process *init_process; /* who inherits orphans */

static void process_free(struct object *object) {
    cache_free(&process_cache, container_of(object, struct process, object));
}

const struct object_type process_type = {.name = "process", .close = process_free};

/* ---- Create ---- */

/* An empty process with one thread, known to nobody. */
static int process_alloc(struct process **result, struct thread **thread) {
    struct process *process = cache_alloc(&process_cache);
    if (!process)
        return -ENOMEM;
    object_init(&process->object, &process_type);
    handle_table_init(&process->handles);
    list_init(&process->children);
    list_init(&process->ended);
    list_init(&process->sibling);
    list_init(&process->waiters);
    list_init(&process->threads);
    if (thread_create(process, thread) < 0) {
        object_put(&process->object);
        return -ENOMEM;
    }
    list_push_back(&process->threads, &(*thread)->sibling);
    process->nthreads = 1;
    *result = process;
    return 0;
}

/* Undo process_alloc, and what was done since. */
static void process_abandon(struct process *process, struct thread *thread) {
    handle_close_all(&process->handles);
    if (process->as)
        aspace_destroy(process->as);
    thread_free(thread);
    object_put(&process->object);
}

/* => tree locked */
static void set_parent(struct process *process, struct process *parent) {
    process->parent = parent;
    atomic_store_explicit(&process->parent_pid, parent->pid, memory_order_relaxed);
}

/* Give it a pid and a place in the tree. The last step that can fail. A kill of the parent's tree
 * that came before did not see this child, so it must not come into the world any more. */
static int process_enter(struct process *process, struct process *parent) {
    long pid;
    lock_acquire(&tree_lock);
    int error = parent && parent->ending
                    ? -EINTR
                    : idmap_add_next(&pids, PID_INIT, &next_pid, process, &pid);
    if (!error) {
        process->pid = (uint32_t)pid;
        if (parent) {
            set_parent(process, parent);
            list_push_back(&parent->children, &process->sibling);
        }
    }
    lock_release(&tree_lock);
    return error;
}

int process_create_first(struct process **process, struct thread **thread) {
    int error = process_alloc(process, thread);
    if (error)
        return error;
    init_process = *process;
    error = process_enter(*process, NULL);
    if (error)
        process_abandon(*process, *thread);
    return error;
}

/* The child's registers are the parent's, but for the result. */
static void fork_registers(const struct thread *parent, struct thread *child) {
    memcpy(child->context.x, parent->context.x, sizeof child->context.x);
    child->context.x[A0] = 0;
    sched_fp_fork(child);
}

long process_fork(void) {
    struct thread *self = thread_current(), *thread;
    struct process *parent = self->process, *child;
    int error = process_alloc(&child, &thread);
    if (error)
        return error;
    error = handle_copy_all(&parent->handles, &child->handles);
    if (!error)
        error = vm_fork(parent->as, &child->as);
    if (!error)
        error = process_enter(child, parent);
    if (error) {
        process_abandon(child, thread);
        return error;
    }
    memcpy(child->name, parent->name, sizeof child->name);
    fork_registers(self, thread);
    long pid = child->pid;
    /* The child first: most children exec or exit at once, and then the parent finds its pages its
     * own again instead of copying the ones that it writes meanwhile. */
    sched_run_first(thread);
    return pid;
}

/* ---- Wait ---- */

/* Forget an ended child. => tree locked; *child is gone afterwards */
static void reap(struct process *child) {
    list_remove(&child->sibling);
    (void)idmap_remove(&pids, child->pid);
    object_put(&child->object);
}

static bool awaited(const struct thread *thread, const struct process *child) {
    return thread->awaited_pid == -1 || thread->awaited_pid == (long)child->pid;
}

/* The first ended child that the thread waits for, or NULL; *any: it has a child to wait for.
 * => tree locked */
static struct process *wait_find(const struct thread *thread, bool *any) {
    struct process *parent = thread->process, *child;
    *any = thread->awaited_pid == -1 && !list_empty(&parent->children);
    list_for_each (child, &parent->ended, sibling)
        if (awaited(thread, child))
            return child;
    if (thread->awaited_pid > 0) {
        child = idmap_find(&pids, thread->awaited_pid);
        *any = child && child->parent == parent;
    }
    return NULL;
}

/* A child was waited for: threads that wait for no other are told. => tree locked */
static void wake_childless(struct process *parent) {
    struct list *link = parent->waiters.next, *next;
    for (; link != &parent->waiters; link = next) {
        struct thread *thread = list_entry(link, struct thread, waiting);
        bool any;
        next = link->next;
        if (wait_find(thread, &any) || any)
            continue;
        list_remove(link);
        if (!thread_wake(thread))
            continue;
        thread->context.x[A0] = (uint64_t)-ECHILD;
        sched_ready(thread);
    }
}

/* Tell `thread` about `child`, which has ended. => tree locked => the result of its wait */
static long wait_finish(struct thread *thread, struct process *child) {
    long pid = child->pid;
    int error = 0;
    if (thread->status_address)
        error = copy_out(thread->process->as, thread->status_address, &child->status,
                         sizeof child->status);
    if (error)
        return error;
    reap(child);
    wake_childless(thread->process);
    return pid;
}

long process_wait(long pid, vaddr_t status, uint64_t options) {
    struct thread *self = thread_current();
    if ((options & ~(uint64_t)WAIT_NO_HANG) || pid == 0 || pid < -1)
        return -EINVAL;
    self->awaited_pid = pid;
    self->status_address = status;
    bool any;
    long result;
    lock_acquire(&tree_lock);
    struct process *child = wait_find(self, &any);
    if (child) {
        result = wait_finish(self, child);
    } else if (!any) {
        result = -ECHILD;
    } else {
        result = 0;
        if (!(options & WAIT_NO_HANG)) {
            list_push_back(&self->process->waiters, &self->waiting);
            thread_wait(self, WAIT_CHILD);
        }
    }
    lock_release(&tree_lock);
    return result;
}

/* A child of `parent` is now in its list of ended ones: tell who waits for it. => tree locked */
static void wake_parent(struct process *parent, struct process *child) {
    struct thread *thread;
    list_for_each (thread, &parent->waiters, waiting)
        if (awaited(thread, child))
            break;
    if (&thread->waiting == &parent->waiters)
        return;
    list_remove(&thread->waiting);
    if (!thread_wake(thread))
        return;
    thread->context.x[A0] = (uint64_t)wait_finish(thread, child);
    sched_ready(thread);
}

/* ---- Threads ---- */

long process_thread_create(vaddr_t entry, vaddr_t stack, uint64_t argument, uint64_t tp) {
    struct process *process = process_current();
    struct thread *thread;
    int error = thread_create(process, &thread);
    if (error)
        return error;
    thread->context.pc = entry;
    thread->context.x[SP] = stack;
    thread->context.x[TP] = tp;
    long id = thread->id;
    thread->context.x[A0] = argument;
    thread->context.x[A1] = (uint64_t)id; /* it may run before its creator knows the id */
    lock_acquire(&tree_lock);
    if (process->ending || process->execution)
        error = -EINTR;
    if (!error) {
        list_push_back(&process->threads, &thread->sibling);
        process->nthreads++;
    }
    lock_release(&tree_lock);
    if (error) {
        thread_free(thread);
        return error;
    }
    sched_ready(thread);
    return id;
}

long process_thread_exit(vaddr_t word) {
    static const uint32_t zero;
    if (word != 0 && copy_out(process_current()->as, word, &zero, sizeof zero) == 0)
        (void)futex_wake(word, UINT64_MAX);
    thread_add_pending(thread_current(), PENDING_END);
    return 0;
}

/* Let a thread of a process that is to end see it. => tree locked */
static void end_thread_locked(struct thread *thread) {
    thread_add_pending(thread, PENDING_END);
    /* It takes itself off the list that it waits on: see leave_wait. */
    if (thread_win_wakeup(thread))
        sched_ready(thread);
    else
        sched_interrupt(thread);
}

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

struct aspace *process_replace_space(struct process *process, struct aspace *as) {
    lock_acquire(&tree_lock);
    struct aspace *old = process->as;
    process->as = as;
    lock_release(&tree_lock);
    return old;
}

/* One thread is left of a process: if it waits for that, its exec is to be finished.
 * => tree locked; its execution, or NULL */
static struct execution *execution_take(struct process *process) {
    struct execution *execution = process->execution;
    struct thread *left = list_first(&process->threads, struct thread, sibling);
    if (process->nthreads != 1 || !execution || !left || !thread_wake(left))
        return NULL;
    process->execution = NULL;
    return execution;
}

/* ---- End ---- */

/* => tree locked */
static void end_locked(struct process *process, int status) {
    struct thread *thread;
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

/* Who gets the orphans that the process leaves: the nearest ancestor that wants them. => tree
 * locked
 */
static struct process *heir_of(const struct process *process) {
    struct process *heir = process->parent;
    while (heir != init_process && !heir->adopts)
        heir = heir->parent;
    return heir;
}

/* => tree locked */
static void give_away_children(struct process *process) {
    struct process *child, *heir = heir_of(process);
    while ((child = list_first(&process->children, struct process, sibling))) {
        list_remove(&child->sibling);
        set_parent(child, heir);
        list_push_back(&heir->children, &child->sibling);
    }
    while ((child = list_first(&process->ended, struct process, sibling))) {
        list_remove(&child->sibling);
        set_parent(child, heir);
        list_push_back(&heir->ended, &child->sibling);
        wake_parent(heir, child);
    }
}

/* All that it had is given back: now the parent may know. */
static void announce(struct process *process) {
    if (process == init_process) {
        print("byre: init has ended (status %#x): nothing is left to run, powering off\n",
              (unsigned)process->status);
        machine_exit(STATUS_INIT_LOST);
    }
    lock_acquire(&tree_lock);
    give_away_children(process);
    list_remove(&process->sibling);
    list_push_back(&process->parent->ended, &process->sibling);
    wake_parent(process->parent, process);
    lock_release(&tree_lock);
}

long process_adopt(uint64_t adopts) {
    if (adopts > 1)
        return -EINVAL;
    lock_acquire(&tree_lock);
    process_current()->adopts = adopts;
    lock_release(&tree_lock);
    return 0;
}

/* The thread was on a list when its wait was ended by a kill: take it off, and what came with it.
 * Nobody else touches it: whoever meets it on the list finds that its wake-up is taken. */
static void leave_wait(struct thread *thread) {
    switch (thread->wait) {
    case WAIT_NONE:
        break;
    case WAIT_CHILD:
        lock_acquire(&tree_lock);
        list_remove(&thread->waiting);
        lock_release(&tree_lock);
        break;
    case WAIT_SLEEP:
        break;
    case WAIT_FUTEX:
        futex_forget(thread);
        break;
    case WAIT_ALONE:
        lock_acquire(&tree_lock);
        struct execution *execution = thread->process->execution;
        thread->process->execution = NULL;
        lock_release(&tree_lock);
        exec_abandon(execution);
        break;
    case WAIT_RECEIVE:
    case WAIT_SEND:
    case WAIT_REPLY:
        call_leave_wait(thread);
        break;
    }
}

void process_end_thread(void) {
    struct thread *thread = thread_current();
    struct process *process = thread->process;
    leave_wait(thread);
    sched_forget_sleeper(thread);
    sched_fp_forget(thread);
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
    if (!last)
        return;
    call_reset_received(process);
    handle_close_all(&process->handles);
    lock_acquire(&tree_lock);
    struct aspace *as = process->as;
    process->as = NULL;
    lock_release(&tree_lock);
    aspace_destroy(as);
    announce(process);
}

/* ---- Kill ---- */

/* => tree locked */
static bool is_descendant(const struct process *process, const struct process *ancestor) {
    while (process && process != ancestor)
        process = process->parent;
    return process != NULL;
}

int process_open(long pid, struct process **result) {
    lock_acquire(&tree_lock);
    struct process *process = idmap_find(&pids, pid);
    int error = !process ? -ESRCH : is_descendant(process, process_current()) ? 0 : -EPERM;
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
    struct process *other;
    lock_acquire(&tree_lock);
    for (long pid = PID_INIT; (other = idmap_next(&pids, &pid)); pid++)
        if (is_descendant(other, process))
            end_locked(other, (int)signal);
    lock_release(&tree_lock);
    return 0;
}

/* ---- Looking at processes ---- */

struct process *process_next(long least_pid) {
    lock_acquire(&tree_lock);
    struct process *process = idmap_next(&pids, &least_pid);
    if (process)
        object_get(&process->object);
    lock_release(&tree_lock);
    return process;
}

struct process *process_get(long pid) {
    struct process *process = process_next(pid);
    if (process && (long)process->pid == pid)
        return process;
    if (process)
        object_put(&process->object);
    return NULL;
}

struct aspace *process_lock_space(struct process *process) {
    lock_acquire(&tree_lock);
    if (process->as)
        aspace_lock(process->as);
    return process->as;
}

void process_unlock_space(struct process *process, struct aspace *as) {
    (void)process;
    if (as)
        aspace_unlock(as);
    lock_release(&tree_lock);
}

/* => tree locked */
static uint32_t process_state(const struct process *process) {
    const struct thread *thread;
    uint32_t state = process->nthreads == 0 ? PROCESS_ENDED : PROCESS_WAITING;
    list_for_each (thread, &process->threads, sibling) {
        uint32_t now = atomic_load_explicit(&thread->state, memory_order_relaxed);
        if (now == THREAD_RUNNING)
            return PROCESS_RUNNING;
        if (now == THREAD_READY)
            state = PROCESS_READY;
    }
    return state;
}

/* Time on harts, that of threads which are on one now included. => tree locked */
static uint64_t process_time(const struct process *process) {
    uint64_t ticks = atomic_load_explicit(&process->ticks, memory_order_relaxed), now = timer_now();
    const struct thread *thread;
    list_for_each (thread, &process->threads, sibling)
        if (atomic_load_explicit(&thread->state, memory_order_relaxed) == THREAD_RUNNING)
            ticks += now > thread->started ? now - thread->started : 0;
    return ticks;
}

void process_describe(struct process *process, struct process_info *info) {
    struct aspace *as = process_lock_space(process);
    const struct thread *thread = list_first(&process->threads, struct thread, sibling);
    *info = (struct process_info){
        .pid = (int32_t)process->pid,
        .parent = process->parent ? (int32_t)process->parent->pid : 0,
        .state = process_state(process),
        .threads = (uint32_t)process->nthreads,
        .hart = thread && thread->context.hart ? hart_id(thread->context.hart->index) : 0,
        .handles = (uint32_t)process->handles.nhandles,
        .pages = as ? aspace_resident_count(as) : 0,
        .nanoseconds = timer_nanoseconds(process_time(process)),
    };
    memcpy(info->name, process->name, sizeof info->name);
    process_unlock_space(process, as);
}

void process_print_current(void) {
    const struct process *process = thread_current()->process;
    print("hart %u, ", hart_id(hart_index()));
    if (process)
        print("process %u %s\n", process->pid, process->name);
    else
        print("no process\n");
}
