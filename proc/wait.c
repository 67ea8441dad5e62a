/* Wait for children.
 *
 * The one idea: who ends only wakes. The parent's thread looks at its children again in its own
 * context and writes the status there, where it may fail for a bad address without harm to anybody
 * else. Of several threads that look, one takes the child and the others wait on. */
#include "proc/wait.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/usercopy.h"
#include "proc/sched.h"
#include "proc/tree.h"

/* The ended child that the thread waits for, or NULL; *any: it has a child to wait for. */
static struct process *wait_find(const struct thread *thread, bool *any) {
    assert(lock_is_held(&tree_lock));
    struct process *parent = thread->process;
    if (thread->awaited_pid == -1) {
        *any = !list_empty(&parent->children);
        return list_first(&parent->ended, struct process, sibling);
    }
    struct process *child = tree_find(thread->awaited_pid);
    *any = child && child->parent == parent;
    return *any && child->waitable ? child : NULL;
}

void wait_wake(struct process *parent) {
    assert(lock_is_held(&tree_lock));
    struct thread *thread;
    while ((thread = list_first(&parent->waiters, struct thread, waiting))) {
        list_remove(&thread->waiting);
        if (!thread_wake(thread))
            continue;
        thread_add_pending(thread, PENDING_WAIT);
        sched_ready(thread);
    }
}

/* Tell the thread about a child that it took out of the list: it is nobody else's now. */
static long wait_take(const struct thread *thread, struct process *child) {
    struct process *parent = thread->process;
    long pid = child->pid;
    int error = 0;
    if (thread->status_address)
        error = copy_out(parent->as, thread->status_address, &child->status, sizeof child->status);
    lock_acquire(&tree_lock);
    if (error) {
        list_push_front(&parent->ended, &child->sibling);
        child->waitable = true;
    } else {
        tree_leave(child);
    }
    wait_wake(parent); /* the child is there again, or threads may wait for nobody now */
    lock_release(&tree_lock);
    if (error)
        return error;
    object_put(&child->object);
    return pid;
}

/* Look for a child, and wait if there may be one later and the thread wants to.
 * returns: as process_wait */
static long wait_look(struct thread *thread, bool hangs) {
    bool any;
    lock_acquire(&tree_lock);
    struct process *child = wait_find(thread, &any);
    if (child) {
        list_remove(&child->sibling);
        child->waitable = false;
    } else if (any && hangs) {
        list_push_back(&thread->process->waiters, &thread->waiting);
        thread_wait(thread, WAIT_CHILD);
    }
    lock_release(&tree_lock);
    if (child)
        return wait_take(thread, child);
    return any ? 0 : -ECHILD;
}

long process_wait(long pid, vaddr_t status, uint64_t options) {
    struct thread *thread = thread_current();
    if ((options & ~(uint64_t)WAIT_NO_HANG) || pid == 0 || pid < -1)
        return -EINVAL;
    thread->awaited_pid = pid;
    thread->status_address = status;
    return wait_look(thread, !(options & WAIT_NO_HANG));
}

void wait_resume(void) {
    struct thread *thread = thread_current();
    long result = wait_look(thread, true);
    if (result != 0) /* else it waits again */
        thread->context.x[A0] = (uint64_t)result;
}

void wait_leave(struct thread *thread) {
    assert(thread == thread_current());
    lock_acquire(&tree_lock);
    list_remove(&thread->waiting);
    lock_release(&tree_lock);
}
