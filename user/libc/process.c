/* Processes: fork, wait, and what a process is told about itself. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/libc/service.h"
#include "user/libc/signals.h"

pid_t fork(void) {
    long pid = sys_fork();
    if (pid == 0)
        signals_forget_pending();
    return (pid_t)service_result(pid);
}

pid_t vfork(void) { return fork(); }
pid_t getpid(void) { return (pid_t)sys_getpid(); }
pid_t getppid(void) { return (pid_t)sys_getppid(); }
void _exit(int status) { sys_exit(status); }

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
