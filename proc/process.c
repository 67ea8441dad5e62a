/* Processes: made, forked, looked at.
 *
 * The one idea: a new process is built where nobody sees it, and entering the tree is the last step
 * that can fail. Not responsible for: the tree (tree.c), waits (wait.c), ends (end.c). */
#include "proc/process.h"

#include "arch/riscv/harts.h"
#include "drivers/timer.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/cache.h"
#include "mm/fork.h"
#include "proc/fp.h"
#include "proc/sched.h"
#include "proc/tree.h"

static struct cache process_cache = CACHE_INIT("processes", struct process);

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

int process_create_first(struct process **process, struct thread **thread) {
    int error = process_alloc(process, thread);
    if (error)
        return error;
    init_process = *process;
    error = tree_enter(*process, NULL);
    if (error)
        process_abandon(*process, *thread);
    return error;
}

/* The child's registers are the parent's, but for the result. */
static void fork_registers(const struct thread *parent, struct thread *child) {
    memcpy(child->context.x, parent->context.x, sizeof child->context.x);
    child->context.x[A0] = 0;
    fp_fork(child);
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
        error = tree_enter(child, parent);
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

/* ---- Looking at processes ---- */

struct aspace *process_lock_space(struct process *process) {
    /* Whoever takes the space away does that with the tree locked, and waits for the space's lock
     * before it destroys it: what is locked here stays. But nobody waits for it with the tree
     * locked. */
    for (;;) {
        lock_acquire(&tree_lock);
        struct aspace *as = process->as;
        bool done = !as || lock_try(&as->lock);
        lock_release(&tree_lock);
        if (done)
            return as;
    }
}

struct aspace *process_replace_space(struct process *process, struct aspace *as) {
    lock_acquire(&tree_lock);
    struct aspace *old = process->as;
    process->as = as;
    lock_release(&tree_lock);
    return old;
}

static uint32_t process_state(const struct process *process) {
    assert(lock_is_held(&tree_lock));
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

/* Time on harts, that of threads which are on one now included. */
static uint64_t process_time(const struct process *process) {
    assert(lock_is_held(&tree_lock));
    uint64_t ticks = atomic_load_explicit(&process->ticks, memory_order_relaxed), now = timer_now();
    const struct thread *thread;
    list_for_each (thread, &process->threads, sibling)
        if (atomic_load_explicit(&thread->state, memory_order_relaxed) == THREAD_RUNNING)
            ticks += now > thread->started ? now - thread->started : 0;
    return ticks;
}

static uint64_t process_pages(struct process *process) {
    struct aspace *as = process_lock_space(process);
    uint64_t npages = as ? aspace_resident_count(as) : 0;
    if (as)
        aspace_unlock(as);
    return npages;
}

void process_describe(struct process *process, struct process_info *info) {
    uint64_t npages = process_pages(process);
    lock_acquire(&tree_lock);
    const struct thread *thread = list_first(&process->threads, struct thread, sibling);
    *info = (struct process_info){
        .pid = (int32_t)process->pid,
        .parent = (int32_t)process->parent_pid,
        .state = process_state(process),
        .threads = (uint32_t)process->nthreads,
        .hart = thread && thread->context.hart ? hart_id(thread->context.hart->index) : 0,
        .handles = (uint32_t)process->handles.nhandles,
        .pages = npages,
        .nanoseconds = timer_nanoseconds(process_time(process)),
    };
    memcpy(info->name, process->name, sizeof info->name);
    lock_release(&tree_lock);
}

void process_print_current(void) {
    const struct process *process = thread_current()->process;
    print("hart %u, ", hart_id(hart_index()));
    if (process)
        print("process %u %s\n", process->pid, process->name);
    else
        print("no process\n");
}
