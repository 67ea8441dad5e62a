/* Threads (POSIX <pthread.h>). docs/posix.md tells what differs.
 *
 * Functions return 0 or an error number and leave errno alone. What POSIX leaves undefined (a
 * mutex that was never made, a thread that was joined already) is undefined here too, but for the
 * errors that are named below. */
#pragma once

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#define restrict
#endif

#define PTHREAD_STACK_MIN 8192 /* bytes */
#define PTHREAD_STACK_DEFAULT 262144
#define PTHREAD_KEYS_MAX 128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)

/* ---- Threads ---- */

typedef struct byre_thread *pthread_t;

typedef struct {
    size_t stack_size;
    int detach_state;
} pthread_attr_t;

/* Begin a thread with start(argument). EAGAIN: no memory. */
int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*start)(void *), void *restrict argument);

/* Wait for its end, and free it. EDEADLK: itself; EINVAL: detached; ESRCH: there is none. */
int pthread_join(pthread_t thread, void **result);

/* Nobody will join it: it is freed when it has ended. EINVAL: it is already; ESRCH. */
int pthread_detach(pthread_t thread);

/* End the calling thread. The last one's end is exit(0). */
_Noreturn void pthread_exit(void *result);

pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);

/* Before fork, the last one registered first; after it, in the parent and in the child, in order.
 * The child has the calling thread only. ENOMEM. */
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

/* As sigprocmask: threads share one mask. */
int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old);

/* EINVAL: smaller than PTHREAD_STACK_MIN; not a state. */
int pthread_attr_init(pthread_attr_t *attributes);
int pthread_attr_destroy(pthread_attr_t *attributes);
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t nbytes);
int pthread_attr_getstacksize(const pthread_attr_t *restrict attributes, size_t *restrict nbytes);
int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state);
int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state);

/* ---- Mutexes ---- */

typedef struct {
    int kind;
    int shared;
} pthread_mutexattr_t;

typedef struct {
    uint32_t word; /* 0 free, 1 held, 2 held and waited for */
    int kind;
    pthread_t owner; /* of the recursive and errorcheck kinds, which ask */
    unsigned depth;  /* recursive: how often it was locked beyond once */
} pthread_mutex_t;

#define PTHREAD_MUTEX_INITIALIZER                                                                  \
    { 0, PTHREAD_MUTEX_NORMAL, NULL, 0 }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER                                                        \
    { 0, PTHREAD_MUTEX_RECURSIVE, NULL, 0 }

/* Only normal mutexes can be shared between processes; the others: ENOTSUP. */
int pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict how);

/* EBUSY: it is locked. */
int pthread_mutex_destroy(pthread_mutex_t *mutex);

/* Errorcheck: EDEADLK when the caller has it. Normal: the caller waits for ever. Recursive: EAGAIN
 * after 2^32 times. */
int pthread_mutex_lock(pthread_mutex_t *mutex);

/* EBUSY: somebody has it (recursive: somebody else). */
int pthread_mutex_trylock(pthread_mutex_t *mutex);

/* ETIMEDOUT: not before this time; EINVAL: not a time, and it must wait. */
int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
                            const struct timespec *restrict deadline);

/* Recursive and errorcheck: EPERM when the caller does not have it. */
int pthread_mutex_unlock(pthread_mutex_t *mutex);

int pthread_mutexattr_init(pthread_mutexattr_t *how);
int pthread_mutexattr_destroy(pthread_mutexattr_t *how);
int pthread_mutexattr_settype(pthread_mutexattr_t *how, int kind);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict how, int *restrict kind);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *how, int shared);
int pthread_mutexattr_getpshared(const pthread_mutexattr_t *restrict how, int *restrict shared);

/* ---- Conditions ---- */

typedef struct {
    clockid_t clock;
    int shared;
} pthread_condattr_t;

typedef struct {
    uint32_t signals; /* counts them, so that none is missed between unlock and wait */
} pthread_cond_t;

#define PTHREAD_COND_INITIALIZER                                                                   \
    { 0 }

int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict how);
int pthread_cond_destroy(pthread_cond_t *condition);

/* Unlock, wait, lock again. A wait may end without a signal: look at the condition again. EPERM: as
 * pthread_mutex_unlock */
int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex);

/* As pthread_cond_wait, and ETIMEDOUT. CLOCK_REALTIME and CLOCK_MONOTONIC tell the same time. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline);

int pthread_cond_signal(pthread_cond_t *condition);
int pthread_cond_broadcast(pthread_cond_t *condition);

int pthread_condattr_init(pthread_condattr_t *how);
int pthread_condattr_destroy(pthread_condattr_t *how);
int pthread_condattr_setclock(pthread_condattr_t *how, clockid_t clock);
int pthread_condattr_getclock(const pthread_condattr_t *restrict how, clockid_t *restrict clock);
int pthread_condattr_setpshared(pthread_condattr_t *how, int shared);
int pthread_condattr_getpshared(const pthread_condattr_t *restrict how, int *restrict shared);

/* ---- Locks for readers and writers ---- */

typedef struct {
    int shared;
} pthread_rwlockattr_t;

typedef struct {
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t free;
    unsigned readers;
    pthread_t writer; /* who writes, or NULL */
} pthread_rwlock_t;

#define PTHREAD_RWLOCK_INITIALIZER                                                                 \
    { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, NULL }

/* Readers do not wait for writers that wait. ENOTSUP: shared between processes */
int pthread_rwlock_init(pthread_rwlock_t *restrict lock, const pthread_rwlockattr_t *restrict how);
int pthread_rwlock_destroy(pthread_rwlock_t *lock); /* EBUSY: it is locked */

/* EDEADLK: the caller writes. try: EBUSY. timed: ETIMEDOUT, EINVAL */
int pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock);
int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock,
                               const struct timespec *restrict deadline);
int pthread_rwlock_wrlock(pthread_rwlock_t *lock);
int pthread_rwlock_trywrlock(pthread_rwlock_t *lock);
int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock,
                               const struct timespec *restrict deadline);
int pthread_rwlock_unlock(pthread_rwlock_t *lock); /* EPERM: the caller does not have it */

int pthread_rwlockattr_init(pthread_rwlockattr_t *how);
int pthread_rwlockattr_destroy(pthread_rwlockattr_t *how);
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *how, int shared);
int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *restrict how, int *restrict shared);

/* ---- Barriers ---- */

typedef struct {
    int shared;
} pthread_barrierattr_t;

typedef struct {
    uint32_t lock; /* guards the rest */
    uint32_t round;
    uint32_t inside; /* threads that are in pthread_barrier_wait */
    unsigned wanted, arrived;
} pthread_barrier_t;

int pthread_barrier_init(pthread_barrier_t *restrict barrier,
                         const pthread_barrierattr_t *restrict how, unsigned wanted);
int pthread_barrier_destroy(pthread_barrier_t *barrier); /* EBUSY: some wait */

/* Wait until so many have come. One of them is told PTHREAD_BARRIER_SERIAL_THREAD. */
int pthread_barrier_wait(pthread_barrier_t *barrier);

int pthread_barrierattr_init(pthread_barrierattr_t *how);
int pthread_barrierattr_destroy(pthread_barrierattr_t *how);
int pthread_barrierattr_setpshared(pthread_barrierattr_t *how, int shared);
int pthread_barrierattr_getpshared(const pthread_barrierattr_t *restrict how, int *restrict shared);

/* ---- Once, and values that each thread has its own of ---- */

typedef uint32_t pthread_once_t; /* 0 not yet, 1 now, 2 done */
#define PTHREAD_ONCE_INIT 0

/* The first caller runs it; the others wait until it is done. */
int pthread_once(pthread_once_t *once, void (*run)(void));

typedef unsigned pthread_key_t;

/* A key whose value is NULL in each thread. The destructor is called at a thread's end with a value
 * that is not. EAGAIN: PTHREAD_KEYS_MAX are there. */
int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);                     /* EINVAL: there is none */
int pthread_setspecific(pthread_key_t key, const void *value); /* EINVAL: there is none */
void *pthread_getspecific(pthread_key_t key);

#ifdef __cplusplus
#undef restrict
}
#endif
