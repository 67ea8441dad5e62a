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

/* ---- Users: there is one ---- */

uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
gid_t getegid(void) { return 0; }
int setuid(uid_t user) { return (int)service_result(user == 0 ? 0 : -EPERM); }
int seteuid(uid_t user) { return setuid(user); }
int setgid(gid_t group) { return (int)service_result(group == 0 ? 0 : -EPERM); }
int setegid(gid_t group) { return setgid(group); }

int getgroups(int ngroups, gid_t groups[]) {
    (void)groups;
    return (int)service_result(ngroups < 0 ? -EINVAL : 0);
}
