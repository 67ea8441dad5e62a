/* What the parts of <pthread.h> know of each other. Each part is linked only where it is used, so
 * whoever needs one that may be missing asks for its function by a weak name. */
#pragma once

#include <pthread.h>

/* Unlock it, however often the caller has locked it. => 0 and *depth, which must be there again
 * when it has locked it again; EPERM */
int mutex_unlock_all(pthread_mutex_t *mutex, unsigned *depth);

/* Call the destructors of the calling thread's values. */
__attribute__((weak)) void keys_end(void);
__attribute__((weak)) void keys_after_fork(void);

/* In a new child: all other threads are gone. */
__attribute__((weak)) void threads_after_fork(void);

/* The handlers of pthread_atfork. */
__attribute__((weak)) void fork_prepare(void);
__attribute__((weak)) void fork_parent(void);
__attribute__((weak)) void fork_child(void);
