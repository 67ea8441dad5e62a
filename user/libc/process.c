/* Processes: fork, wait, and what a process is told about itself. */
#include "user/libc/process.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "byre/syscall.h"
#include "user/libc/calls.h"
#include "user/libc/filled.h"
#include "user/libc/signals.h"

long byre_fork(void) {
    long pid = byre_memory_filled ? byre_fork_filled() : sys_fork();
    if (pid == 0)
        byre_signals_after_fork();
    return pid;
}

/* musl forks by it; its threads are made by __clone. */
long byre_clone(long flags, long stack, long parent_id, long tp, long end_word) {
    (void)stack, (void)parent_id, (void)tp, (void)end_word;
    return flags == SIGCHLD ? byre_fork() : -ENOSYS;
}

long byre_exit_group(long status) { sys_exit((int)status); }

/* All processes are one group and one session, whose first is init. */
long byre_getpgid(long pid) {
    struct process_info info;
    return pid == 0 || sys_process_info((int)pid, &info) == pid ? 1 : -ESRCH;
}

/* There is one user and one group, 0. Where a number may be -1 it stands for what is there. */
long byre_root(void) { return 0; }

long byre_setuid(long user) { return (int)user == 0 ? 0 : -EPERM; }

long byre_setreuid(long real, long effective) {
    bool known =
        ((int)real == 0 || (int)real == -1) && ((int)effective == 0 || (int)effective == -1);
    return known ? 0 : -EPERM;
}

long byre_setresuid(long real, long effective, long saved) {
    long error = byre_setreuid(real, effective);
    return error ? error : byre_setreuid(saved, -1);
}

long byre_getgroups(long n, long groups) {
    if (n < 0)
        return -EINVAL;
    if (n > 0)
        *(unsigned *)groups = 0;
    return 1;
}

/* ---- Waiting ---- */

/* No child ever stops, so asking for stopped ones changes nothing. All processes are one group: 0
 * means any child, and no other group has members. */
static long child_wait(long pid, int *status, long options) {
    if (pid < -1)
        return -ECHILD;
    return sys_wait(pid == 0 ? -1 : (int)pid, status, (options & WNOHANG) ? WAIT_NO_HANG : 0);
}

long byre_wait4(long pid, long status, long options, long usage) {
    if ((int)options & ~(WNOHANG | WUNTRACED | WCONTINUED))
        return -EINVAL;
    long child = child_wait((int)pid, (int *)status, options);
    if (child > 0 && usage)
        *(struct rusage *)usage = (struct rusage){0};
    return child;
}

static void child_describe(siginfo_t *to, long child, int status) {
    *to = (siginfo_t){.si_signo = SIGCHLD};
    to->si_pid = (pid_t)child;
    to->si_code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    to->si_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/* A child that is told of is collected: WNOWAIT is not there. */
long byre_waitid(long kind, long id, long information, long options, long usage) {
    int status = 0;
    (void)usage;
    if (((int)options & ~(WNOHANG | WEXITED | WSTOPPED | WCONTINUED)) || !(options & WEXITED) ||
        (kind != P_ALL && kind != P_PID) || (kind == P_PID && id <= 0))
        return -EINVAL;
    long child = child_wait(kind == P_ALL ? -1 : id, &status, options);
    if (child < 0)
        return child;
    if (information && child == 0)
        *(siginfo_t *)information = (siginfo_t){0};
    else if (information)
        child_describe((siginfo_t *)information, child, status);
    return 0;
}
