/* Futexes: wait until somebody says that a word of memory has changed.
 *
 * All that the kernel knows of a lock is who waits for it. The word's meaning is the program's; the
 * kernel only promises that between its look at the word and the wait no wake is lost. */
#pragma once

#include "proc/thread.h"

/* Once, before any other call. */
void futex_init(void);

/* Wait while the word at `address` is `expected`, at most for so many nanoseconds (UINT64_MAX: for
 * ever). => 0: woken; -EAGAIN: it is another number; -ETIMEDOUT; -EINVAL: not a word's address;
 * -EFAULT, -EACCES, -ENOMEM: as vm_fault */
long futex_wait(vaddr_t address, uint64_t expected, uint64_t nanoseconds);

/* Wake up to n threads that wait there, those first that came first. => how many; errors as above
 */
long futex_wake(vaddr_t address, uint64_t n);

/* The thread's wait was ended by force or by the clock: take it off its list. => its wake-up is the
 * caller's */
void futex_leave(struct thread *thread);
