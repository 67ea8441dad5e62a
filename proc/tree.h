/* The process tree: who is whose child, and which pid is whose. For proc/ alone.
 *
 * One lock guards it, and all fields of struct process that say so. It is never held while an
 * address space is locked: who looks for its own child must not wait for somebody's fork. */
#pragma once

#include "proc/process.h"

extern struct lock tree_lock;
extern struct process *init_process; /* the root, the last one to get orphans */

/* Give the process a pid and a place below `parent` (NULL: it is init).
 * returns: 0
 * on failure: -ENOMEM; -EINTR: the parent is ending. Nothing changed */
must_check int tree_enter(struct process *process, struct process *parent);

/* Forget a process that has ended. needs: tree locked; it is in no list of its parent */
void tree_leave(struct process *process);

/* The process with this pid, or NULL. needs: tree locked */
struct process *tree_find(long pid);

/* needs: tree locked. A process is its own descendant here */
bool tree_is_descendant(const struct process *process, const struct process *ancestor);

/* The one after `process` among the descendants of `root` that have not ended, parents first; NULL:
 * it was the last. Begin with root itself. needs: tree locked */
struct process *tree_next_descendant(struct process *process, struct process *root);

/* A process that ends gives its children to the nearest ancestor that adopts, at last to init.
 * needs: tree locked
 * returns: that ancestor; NULL: there were none */
struct process *tree_give_away_children(struct process *process);
