/* Processes: fork, wait, and what a process is told about itself. */
#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/libc/filled.h"
#include "user/libc/lock.h"
#include "user/libc/service.h"
#include "user/libc/signals.h"
#include "user/libc/streams.h"
#include "user/libc/thread.h"

/* Before a fork: nobody else is inside malloc, so that the child finds it in order. */
static void fork_begin(void) {
    if (fork_prepare)
        fork_prepare();
    guard_begin(&__lock___libc_recursive_mutex);
}

static void fork_end_parent(void) {
    guard_end(&__lock___libc_recursive_mutex);
    if (fork_parent)
        fork_parent();
}

static void fork_end_child(void) {
    signals_forget_pending();
    if (streams_unlock)
        streams_unlock();
    guard_end(&__lock___libc_recursive_mutex);
    if (threads_after_fork)
        threads_after_fork();
    if (fork_child)
        fork_child();
}

pid_t fork(void) {
    fork_begin();
    long pid = memory_filled ? fork_filled() : sys_fork();
    if (pid == 0)
        fork_end_child();
    else
        fork_end_parent();
    return (pid_t)service_result(pid);
}

pid_t vfork(void) { return fork(); }
pid_t getpid(void) { return (pid_t)sys_getpid(); }
pid_t getppid(void) { return (pid_t)sys_getppid(); }
void _exit(int status) { sys_exit(status); }

int sched_yield(void) { return (int)service_result(sys_yield()); }

/* No child ever stops, so asking for stopped ones changes nothing. All processes are one group: 0
 * means any child, and no other group has members. */
pid_t waitpid(pid_t pid, int *status, int options) {
    if (options & ~(WNOHANG | WUNTRACED))
        return (pid_t)service_result(-EINVAL);
    if (pid < -1)
        return (pid_t)service_result(-ECHILD);
    return (pid_t)service_result(
        sys_wait(pid == 0 ? -1 : pid, status, (options & WNOHANG) ? WAIT_NO_HANG : 0));
}

pid_t wait(int *status) { return waitpid(-1, status, 0); }
