/* Wait: a parent hears of the end of its children. */
#pragma once

#include "proc/process.h"

/* wait (POSIX waitpid): pid above 0, or -1 for any child.
 * returns: the child's pid; 0: WAIT_NO_HANG and none has ended, or the thread waits
 * on failure: -ECHILD; -EINVAL; as copy_out: the child stays to be waited for */
long process_wait(long pid, vaddr_t status, uint64_t options);

/* A child may have ended for which the current thread waited (PENDING_WAIT): go on with its wait,
 * in its own context. Its registers get the result, or it waits again. */
void wait_resume(void);

/* Threads of `parent` that wait for children look again: one has ended, or has come to it.
 * needs: tree locked */
void wait_wake(struct process *parent);

/* The thread's wait for a child was ended by force. needs: the thread is current; no lock held */
void wait_leave(struct thread *thread);
