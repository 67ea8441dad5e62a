/* Signals, as far as one process can do them by itself: docs/posix.md.
 *
 * The kernel knows one thing: to end a process by a signal's number. So what a process sends to
 * itself (raise, abort, a write to a broken pipe) has all of POSIX's actions, and what comes from
 * another process ends this one. Handlers, the mask and what waits for it are here, in user memory:
 * fork copies them, exec starts anew. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "user/libc/service.h"
#include "user/libc/signals.h"

static struct sigaction actions[NSIG];
static sigset_t blocked, pending;

static sigset_t bit(int signal) { return (sigset_t)1 << signal; }
static bool signal_exists(int signal) { return signal > 0 && signal < NSIG; }

/* There is no job control: what would stop a process does nothing. */
static bool signal_ends(int signal) {
    const sigset_t harmless = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) |
                              bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
    return !(harmless & bit(signal));
}

static void handler_run(int signal, const struct sigaction *action) {
    sigset_t before = blocked;
    blocked |= action->sa_mask;
    if (!(action->sa_flags & SA_NODEFER))
        blocked |= bit(signal);
    if (action->sa_flags & SA_SIGINFO) {
        siginfo_t information = {.si_signo = signal, .si_code = SI_USER, .si_pid = getpid()};
        action->sa_sigaction(signal, &information, NULL);
    } else {
        action->sa_handler(signal);
    }
    blocked = before;
}

/* => the signal is not blocked */
static void signal_deliver(int signal) {
    struct sigaction action = actions[signal];
    pending &= ~bit(signal);
    if (action.sa_handler == SIG_IGN || (action.sa_handler == SIG_DFL && !signal_ends(signal)))
        return;
    if (action.sa_handler == SIG_DFL)
        (void)sys_kill((int)sys_getpid(), signal);
    if (action.sa_flags & SA_RESETHAND)
        actions[signal].sa_handler = SIG_DFL;
    handler_run(signal, &action);
}

static void pending_deliver(void) {
    while (pending & ~blocked)
        signal_deliver(__builtin_ctzl(pending & ~blocked));
}

void signals_forget_pending(void) { pending = 0; }

int raise(int signal) {
    if (!signal_exists(signal))
        return (int)service_result(-EINVAL);
    int error = errno;
    pending |= bit(signal);
    pending_deliver();
    errno = error;
    return 0;
}

_Noreturn void abort(void) {
    blocked &= ~bit(SIGABRT);
    (void)raise(SIGABRT);
    (void)sys_kill((int)sys_getpid(), SIGABRT);
    _exit(127);
}

/* To another process only what ends it can be sent. There are no process groups: 0, -1 and less
 * name none that the caller may signal. */
int kill(pid_t pid, int signal) {
    if (signal < 0 || signal >= NSIG)
        return (int)service_result(-EINVAL);
    if (pid <= 0)
        return (int)service_result(pid == -1 ? -EPERM : -ESRCH);
    if (pid == getpid())
        return signal == 0 ? 0 : raise(signal);
    if (signal == SIGSTOP)
        return (int)service_result(-EINVAL);
    return (int)service_result(
        sys_kill(pid, signal_exists(signal) && signal_ends(signal) ? signal : 0));
}

/* ---- Actions ---- */

int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
    bool fixed = signal == SIGKILL || signal == SIGSTOP;
    if (!signal_exists(signal) || (fixed && action))
        return (int)service_result(-EINVAL);
    struct sigaction before = actions[signal];
    if (action)
        actions[signal] = *action;
    if (old)
        *old = before;
    return 0;
}

_sig_func_ptr signal(int number, _sig_func_ptr handler) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old = {.sa_handler = SIG_DFL};
    return sigaction(number, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

/* ---- The mask ---- */

int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
    sigset_t before = blocked;
    if (set && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
        return (int)service_result(-EINVAL);
    if (set) {
        blocked = how == SIG_BLOCK ? blocked | *set : how == SIG_UNBLOCK ? blocked & ~*set : *set;
        blocked &= ~(bit(SIGKILL) | bit(SIGSTOP));
        pending_deliver();
    }
    if (old)
        *old = before;
    return 0;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    int before = errno, error = sigprocmask(how, set, old) < 0 ? errno : 0;
    errno = before;
    return error;
}

int sigpending(sigset_t *set) {
    *set = pending;
    return 0;
}

/* What is sent from elsewhere ends the process, so only what is pending already can end the wait.
 */
int sigsuspend(const sigset_t *mask) {
    sigset_t before = blocked;
    while (!(pending & ~*mask))
        (void)sys_sleep(UINT64_MAX);
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return (int)service_result(-EINTR);
}

int pause(void) {
    for (;;)
        (void)sys_sleep(UINT64_MAX);
}

/* A handler that is left by a jump is over. */
void sigsetjmp_mask(sigjmp_buf state, int masked) {
    state->masked = masked;
    state->mask = blocked;
}

_Noreturn void siglongjmp(sigjmp_buf state, int value) {
    if (state->masked)
        (void)sigprocmask(SIG_SETMASK, &state->mask, NULL);
    longjmp(state->place, value);
}

/* ---- Sets ---- */

int sigemptyset(sigset_t *set) {
    *set = 0;
    return 0;
}

int sigfillset(sigset_t *set) {
    *set = ~(sigset_t)1;
    return 0;
}

int sigaddset(sigset_t *set, int signal) {
    if (!signal_exists(signal))
        return (int)service_result(-EINVAL);
    *set |= bit(signal);
    return 0;
}

int sigdelset(sigset_t *set, int signal) {
    if (!signal_exists(signal))
        return (int)service_result(-EINVAL);
    *set &= ~bit(signal);
    return 0;
}

int sigismember(const sigset_t *set, int signal) {
    if (!signal_exists(signal))
        return (int)service_result(-EINVAL);
    return (*set & bit(signal)) != 0;
}
