/* The process tree: pids, parents, orphans. */
#include "proc/tree.h"

#include "lib/assert.h"
#include "lib/errno.h"

struct lock tree_lock = LOCK_INIT("process tree", LOCK_RANK_PROCESS_TREE);
struct process *init_process;

/* Guarded by tree_lock. */
static struct idmap pids;
static long next_pid = PID_INIT;

static void set_parent(struct process *process, struct process *parent) {
    assert(lock_is_held(&tree_lock));
    process->parent = parent;
    atomic_store_explicit(&process->parent_pid, parent->pid, memory_order_relaxed);
}

/* A kill of the parent's tree that came before did not see this child, so it must not come into the
 * world any more. */
int tree_enter(struct process *process, struct process *parent) {
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

void tree_leave(struct process *process) {
    assert(lock_is_held(&tree_lock) && list_empty(&process->sibling));
    (void)idmap_remove(&pids, process->pid);
}

struct process *tree_find(long pid) {
    assert(lock_is_held(&tree_lock));
    return idmap_find(&pids, pid);
}

bool tree_is_descendant(const struct process *process, const struct process *ancestor) {
    assert(lock_is_held(&tree_lock));
    while (process && process != ancestor)
        process = process->parent;
    return process != NULL;
}

struct process *tree_next_descendant(struct process *process, struct process *root) {
    assert(lock_is_held(&tree_lock));
    struct process *child = list_first(&process->children, struct process, sibling);
    if (child)
        return child;
    for (; process != root; process = process->parent)
        if (process->sibling.next != &process->parent->children)
            return list_entry(process->sibling.next, struct process, sibling);
    return NULL;
}

struct process *process_next(long least_pid) {
    lock_acquire(&tree_lock);
    struct process *process = idmap_next(&pids, &least_pid);
    if (process)
        object_get(&process->object);
    lock_release(&tree_lock);
    return process;
}

struct process *process_get(long pid) {
    lock_acquire(&tree_lock);
    struct process *process = tree_find(pid);
    if (process)
        object_get(&process->object);
    lock_release(&tree_lock);
    return process;
}

/* ---- Orphans ---- */

static struct process *heir_of(const struct process *process) {
    struct process *heir = process->parent;
    while (heir != init_process && !heir->adopts)
        heir = heir->parent;
    return heir;
}

static void give_away(struct list *from, struct list *to, struct process *heir) {
    struct process *child;
    while ((child = list_first(from, struct process, sibling))) {
        list_remove(&child->sibling);
        set_parent(child, heir);
        list_push_back(to, &child->sibling);
    }
}

struct process *tree_give_away_children(struct process *process) {
    assert(lock_is_held(&tree_lock));
    if (list_empty(&process->children) && list_empty(&process->ended))
        return NULL;
    struct process *heir = heir_of(process);
    give_away(&process->children, &heir->children, heir);
    give_away(&process->ended, &heir->ended, heir);
    return heir;
}

long process_adopt(uint64_t adopts) {
    if (adopts > 1)
        return -EINVAL;
    lock_acquire(&tree_lock);
    process_current()->adopts = adopts;
    lock_release(&tree_lock);
    return 0;
}
