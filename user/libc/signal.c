/* Signals, as far as one process can do them by itself: docs/posix.md.
 *
 * The kernel knows one thing: to end a process by a signal's number. So what a thread sends to
 * itself (raise, abort, a write to a broken pipe) has all of POSIX's actions, and what comes from
 * another process ends this one. Actions, masks and what is pending are here, in user memory: fork
 * copies them, exec starts anew. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "byre/syscall.h"
#include "user/libc/calls.h"
#include "user/libc/musl/ksigaction.h"
#include "user/libc/signals.h"

#define SIGNALS 65 /* numbers, 0 included, which is none */
#define CANCEL 33  /* musl's own, for pthread_cancel */

static struct k_sigaction actions[SIGNALS];
static _Thread_local uint64_t blocked, pending;

static uint64_t bit(long signal) { return UINT64_C(1) << (signal - 1); }
static bool signal_exists(long signal) { return signal > 0 && signal < SIGNALS; }

static const uint64_t never_blocked = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);

/* There is no job control: what would stop a process does nothing. */
static bool signal_ends(long signal) {
    const uint64_t harmless = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) |
                              bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
    return !(harmless & bit(signal));
}

/* The kernel tells a parent no number above its own greatest. */
static void process_end(long signal) {
    (void)sys_kill((int)sys_getpid(), (int)(signal <= SIGNAL_MAX ? signal : SIGKILL));
}

static void handler_run(int signal, const struct k_sigaction *action) {
    uint64_t before = blocked;
    blocked |= (action->mask[0] | (uint64_t)action->mask[1] << 32) & ~never_blocked;
    if (!(action->flags & SA_NODEFER))
        blocked |= bit(signal);
    if (action->flags & SA_SIGINFO) {
        siginfo_t information = {.si_signo = signal, .si_code = SI_USER};
        information.si_pid = (pid_t)sys_getpid();
        ((void (*)(int, siginfo_t *, void *))(void *)action->handler)(signal, &information, NULL);
    } else {
        action->handler(signal);
    }
    blocked = before;
}

/* needs: the signal is not blocked */
static void signal_deliver(int signal) {
    struct k_sigaction action = actions[signal];
    pending &= ~bit(signal);
    if (action.handler == SIG_IGN || (action.handler == SIG_DFL && !signal_ends(signal)))
        return;
    if (action.handler == SIG_DFL) {
        process_end(signal);
        return;
    }
    if (action.flags & SA_RESETHAND)
        actions[signal].handler = SIG_DFL;
    handler_run(signal, &action);
}

static void pending_deliver(void) {
    while (pending & ~blocked)
        signal_deliver(__builtin_ctzl(pending & ~blocked) + 1);
}

void byre_signal_self(int signal) {
    if (actions[signal].handler == SIG_IGN)
        return;
    pending |= bit(signal);
    pending_deliver();
}

void byre_signals_after_fork(void) { pending = 0; }

/* ---- Sending ---- */

/* To another process only what ends it can be sent. There are no process groups: 0, -1 and less
 * name none that the caller may signal. */
long byre_kill(long pid, long signal) {
    if (signal < 0 || signal >= SIGNALS)
        return -EINVAL;
    if (pid <= 0)
        return pid == -1 ? -EPERM : -ESRCH;
    if (pid == sys_getpid()) {
        if (signal)
            byre_signal_self((int)signal);
        return 0;
    }
    if (signal == SIGSTOP || signal > SIGNAL_MAX)
        return -EINVAL;
    return sys_kill((int)pid, signal && signal_ends(signal) ? (int)signal : 0);
}

/* A thread that another cancels finds that out at its next cancellation point. No other signal can
 * be sent to a thread but by itself, unless it ends them all. */
long byre_tkill(long thread, long signal) {
    if (signal < 0 || signal >= SIGNALS)
        return -EINVAL;
    if (signal == 0 || (signal == CANCEL && thread != sys_thread_id()))
        return 0;
    if (thread == sys_thread_id())
        byre_signal_self((int)signal);
    else if (actions[signal].handler == SIG_DFL && signal_ends(signal))
        process_end(signal);
    else
        return -ENOSYS;
    return 0;
}

/* ---- Actions ---- */

long byre_sigaction(long signal, long new_action, long old_action, long nbytes) {
    const struct k_sigaction *action = (const struct k_sigaction *)new_action;
    (void)nbytes;
    if (!signal_exists(signal) || (action && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    struct k_sigaction before = actions[signal];
    if (action)
        actions[signal] = *action;
    if (action &&
        (action->handler == SIG_IGN || (action->handler == SIG_DFL && !signal_ends(signal))))
        pending &= ~bit(signal);
    if (old_action)
        *(struct k_sigaction *)old_action = before;
    return 0;
}

/* ---- The mask ---- */

long byre_sigprocmask(long how, long new_set, long old_set, long nbytes) {
    const uint64_t *set = (const uint64_t *)new_set;
    uint64_t before = blocked;
    (void)nbytes;
    if (set && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
        return -EINVAL;
    if (set) {
        blocked = how == SIG_BLOCK ? blocked | *set : how == SIG_UNBLOCK ? blocked & ~*set : *set;
        blocked &= ~never_blocked;
    }
    if (old_set)
        *(uint64_t *)old_set = before;
    pending_deliver();
    return 0;
}

long byre_sigpending(long set, long nbytes) {
    (void)nbytes;
    *(uint64_t *)set = pending;
    return 0;
}

/* What is sent from elsewhere ends the process, so only what is pending already ends the wait. */
long byre_sigsuspend(long mask, long nbytes) {
    uint64_t before = blocked;
    (void)nbytes;
    blocked = *(const uint64_t *)mask & ~never_blocked;
    while (!(pending & ~blocked))
        (void)sys_sleep(UINT64_MAX);
    pending_deliver();
    blocked = before;
    pending_deliver();
    return -EINTR;
}
