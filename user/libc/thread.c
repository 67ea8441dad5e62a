/* Threads: begun, ended, joined.
 *
 * One mapping holds all that a thread has: a page that nobody may touch, the stack, thread-local
 * storage laid out as the first thread's, and what the library knows of it. A thread cannot unmap
 * the stack that it stands on, so the mapping of a detached one waits in a list until the kernel
 * has said, by `runs`, that it is not used any more, and goes when the next one begins or ends. */
#include "user/libc/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "byre/syscall.h"
#include "user/libc/lock.h"

#define GUARD USER_PAGE_SIZE
#define ALIGN 16 /* of a stack, and of thread-local storage */

struct byre_thread {
    uint32_t runs; /* the kernel makes it 0 */
    bool detached, ended;
    pthread_t next; /* in `threads`, or in `finished` */
    void *(*start)(void *);
    void *argument, *result;
    uintptr_t map;
    size_t map_bytes;
};

extern char tls_image_start[], tls_image_end[], tls_block[], tls_block_end[];

static struct byre_thread first = {.runs = 1};
static _Thread_local pthread_t self; /* NULL: the first */

static uint32_t lock;              /* guards what follows, and `detached`, `ended` and `next` */
static pthread_t threads = &first; /* that were not freed, and can be named */
static pthread_t finished;         /* that nobody can name any more, but may still be running */
static size_t running = 1;

/* ---- Lists ---- */

/* => the thread is in the list no more; false: it was not there */
static bool list_take(pthread_t *list, pthread_t thread) {
    for (; *list; list = &(*list)->next)
        if (*list == thread) {
            *list = thread->next;
            return true;
        }
    return false;
}

static void list_put(pthread_t *list, pthread_t thread) {
    thread->next = *list;
    *list = thread;
}

static bool thread_known(pthread_t thread) {
    pthread_t other = threads;
    while (other && other != thread)
        other = other->next;
    return other != NULL;
}

/* ---- Begin ---- */

static size_t round_up(size_t nbytes, size_t unit) { return (nbytes + unit - 1) & ~(unit - 1); }

static void thread_free(pthread_t thread) {
    if (thread != &first)
        (void)sys_unmap(thread->map, thread->map_bytes);
}

/* Free those that have ended for good. => locked */
static void finished_free(void) {
    pthread_t *link = &finished;
    while (*link) {
        pthread_t thread = *link;
        if (__atomic_load_n(&thread->runs, __ATOMIC_ACQUIRE)) {
            link = &thread->next;
        } else {
            *link = thread->next;
            thread_free(thread);
        }
    }
}

/* => *tls: its thread-local storage, above its stack; NULL: no memory */
static pthread_t thread_alloc(size_t stack_bytes, char **tls) {
    size_t tls_bytes = round_up((size_t)(tls_block_end - tls_block), ALIGN);
    size_t top_bytes = tls_bytes + round_up(sizeof(struct byre_thread), ALIGN);
    size_t nbytes = GUARD + round_up(stack_bytes + top_bytes, USER_PAGE_SIZE);
    long map = sys_map(0, nbytes, MAP_READ | MAP_WRITE);
    if (map < 0)
        return NULL;
    if (sys_protect((uintptr_t)map, GUARD, 0) < 0) {
        (void)sys_unmap((uintptr_t)map, nbytes);
        return NULL;
    }
    *tls = (char *)map + nbytes - top_bytes;
    memcpy(*tls, tls_image_start, (size_t)(tls_image_end - tls_image_start));
    pthread_t thread = (pthread_t)(*tls + tls_bytes);
    *thread = (struct byre_thread){.runs = 1, .map = (uintptr_t)map, .map_bytes = nbytes};
    return thread;
}

static void thread_begin(void *argument) {
    self = argument;
    pthread_exit(self->start(self->argument));
}

int pthread_create(pthread_t *restrict result, const pthread_attr_t *restrict attributes,
                   void *(*start)(void *), void *restrict argument) {
    char *tls;
    pthread_attr_t how;
    (void)pthread_attr_init(&how);
    if (attributes)
        how = *attributes;
    lock_take(&lock);
    finished_free();
    lock_give(&lock);
    pthread_t thread = thread_alloc(how.stack_size, &tls);
    if (!thread)
        return EAGAIN;
    thread->start = start;
    thread->argument = argument;
    thread->detached = how.detach_state == PTHREAD_CREATE_DETACHED;
    *result = thread; /* before it can be gone */
    lock_take(&lock);
    long id = sys_thread_create(thread_begin, tls, thread, tls);
    if (id >= 0) {
        list_put(&threads, thread);
        running++;
    }
    lock_give(&lock);
    if (id < 0)
        thread_free(thread);
    return id < 0 ? EAGAIN : 0;
}

/* ---- End ---- */

_Noreturn void pthread_exit(void *result) {
    pthread_t thread = pthread_self();
    if (keys_end)
        keys_end();
    lock_take(&lock);
    bool last = --running == 0;
    thread->result = result;
    thread->ended = true;
    finished_free();
    if (thread->detached && list_take(&threads, thread))
        list_put(&finished, thread);
    lock_give(&lock);
    if (last)
        exit(0);
    sys_thread_exit(&thread->runs);
}

int pthread_join(pthread_t thread, void **result) {
    int error = 0;
    if (thread == pthread_self())
        return EDEADLK;
    lock_take(&lock);
    if (!thread_known(thread))
        error = ESRCH;
    else if (thread->detached)
        error = EINVAL;
    lock_give(&lock);
    if (error)
        return error;
    while (__atomic_load_n(&thread->runs, __ATOMIC_ACQUIRE))
        (void)word_wait(&thread->runs, 1, NULL);
    if (result)
        *result = thread->result;
    lock_take(&lock);
    (void)list_take(&threads, thread);
    lock_give(&lock);
    thread_free(thread);
    return 0;
}

int pthread_detach(pthread_t thread) {
    int error = 0;
    lock_take(&lock);
    if (!thread_known(thread))
        error = ESRCH;
    else if (thread->detached)
        error = EINVAL;
    else
        thread->detached = true;
    if (!error && thread->ended && list_take(&threads, thread))
        list_put(&finished, thread);
    finished_free();
    lock_give(&lock);
    return error;
}

/* ---- Who ---- */

pthread_t pthread_self(void) { return self ? self : &first; }

int pthread_equal(pthread_t a, pthread_t b) { return a == b; }

/* The memory of the others stays: pointers into their stacks may be in use here. */
void threads_after_fork(void) {
    pthread_t thread = pthread_self();
    lock = 0;
    thread->next = NULL;
    threads = thread;
    finished = NULL;
    running = 1;
    if (keys_after_fork)
        keys_after_fork();
}

/* ---- Attributes ---- */

int pthread_attr_init(pthread_attr_t *attributes) {
    *attributes = (pthread_attr_t){PTHREAD_STACK_DEFAULT, PTHREAD_CREATE_JOINABLE};
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attributes) {
    (void)attributes;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t nbytes) {
    if (nbytes < PTHREAD_STACK_MIN || nbytes > USER_END)
        return EINVAL;
    attributes->stack_size = nbytes;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *restrict attributes, size_t *restrict nbytes) {
    *nbytes = attributes->stack_size;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state) {
    if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
        return EINVAL;
    attributes->detach_state = state;
    return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state) {
    *state = attributes->detach_state;
    return 0;
}
