/* Threads: musl makes them, with their stacks and their storage; this is what it asks of the
 * kernel. A futex is a word of memory in both, so musl's locks need no more than that. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "byre/syscall.h"
#include "user/libc/calls.h"
#include "user/libc/process.h"
#include "user/libc/time.h"

/* Operations of SYS_futex, Linux's numbers. */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_PRIVATE 128

/* What becomes 0 when the thread has ended, and who waits for it is woken. */
static _Thread_local uint32_t *end_word;

long byre_set_tid_address(long word) {
    end_word = (uint32_t *)word;
    return sys_thread_id();
}

long byre_exit(long status) {
    (void)status;
    sys_thread_exit(end_word);
}

/* ---- Begin ---- */

/* What a new thread finds at the top of its stack. */
struct beginning {
    int (*entry)(void *);
    void *argument;
    uint32_t *end_word;
    int *id;
    long unused; /* the stack stays aligned */
    long unused_too;
};

static void thread_begin(struct beginning *beginning, long id) {
    *beginning->id = (int)id; /* its creator may not have come so far */
    end_word = beginning->end_word;
    (void)byre_exit(beginning->entry(beginning->argument));
}

static long thread_create(int (*entry)(void *), void *stack, void *argument, int *id, void *tp,
                          uint32_t *word) {
    uintptr_t top = (uintptr_t)stack & ~(uintptr_t)15;
    struct beginning *beginning = (struct beginning *)top - 1;
    *beginning =
        (struct beginning){.entry = entry, .argument = argument, .end_word = word, .id = id};
    long result =
        sys_thread_create((void (*)(void *))(void *)thread_begin, beginning, beginning, tp);
    if (result >= 0)
        *id = (int)result;
    return result;
}

/* musl's way to the system's clone, in place of its assembly: a thread (id, thread pointer and end
 * word follow), or, as Linux's vfork, a child that runs `entry` and ends. Here that child has
 * memory of its own. */
int __clone(int (*entry)(void *), void *stack, int flags, void *argument, ...) {
    if (!(flags & CLONE_THREAD)) {
        long pid = byre_fork();
        if (pid == 0)
            _exit(entry(argument));
        return (int)pid;
    }
    va_list more;
    va_start(more, argument);
    int *id = va_arg(more, int *);
    void *tp = va_arg(more, void *);
    uint32_t *word = va_arg(more, uint32_t *);
    va_end(more);
    return (int)thread_create(entry, stack, argument, id, tp, word);
}

/* ---- Waiting ---- */

/* A requeue moves waiters to another word. Waking one more instead is right, since each that wakes
 * looks for itself; but it costs more. */
long byre_futex(long address, long operation, long value, long timeout, long other, long value3) {
    const uint32_t *word = (const uint32_t *)address;
    (void)other, (void)value3;
    switch (operation & ~FUTEX_PRIVATE) {
    case FUTEX_WAIT:
        return sys_futex_wait(word, (uint32_t)value,
                              timeout ? byre_nanoseconds((const struct timespec *)timeout)
                                      : SYS_FOREVER);
    case FUTEX_WAKE:
        return sys_futex_wake(word, (size_t)value);
    case FUTEX_REQUEUE:
        return sys_futex_wake(word, (size_t)(value + timeout));
    default:
        return -ENOSYS;
    }
}
