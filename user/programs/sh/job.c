/* The terminal, the servers, and children that are waited for. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"
#include "user/programs/sh/sh.h"

#define JOBS_MAX 256

/* Processes in the background; of those that ended, the newest are remembered for wait. */
static struct job {
    int pid, status;
    bool ended;
} jobs[JOBS_MAX];
static int njobs;

/* ---- Servers ---- */

/* Tell the console that Ctrl-C is for this process too. Not being able to is no reason not to run.
 */
void foreground_join(int place) {
    long process = sys_process_open((int)getpid());
    long words[4] = {OP_FOREGROUND, 1, place, process};
    if (process >= 0)
        (void)sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, MESSAGE_HANDLE);
}

/* Ctrl-C is for nobody any more. returns: whether it has come */
bool foreground_end(void) {
    long words[4] = {OP_FOREGROUND, 0};
    return sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, 0) == 0 && words[0] > 0;
}

/* Ask a server for another session, and have it at a number that programs know.
 * returns: 0 or a negative errno */
static long session_replace(int number, int session, long operation, const char *path) {
    long words[4] = {operation};
    long error = sys_call(session, words, path, path ? strlen(path) + 1 : 0, NULL, 0, 0);
    if (error < 0 || words[0] < 0)
        return error < 0 ? error : words[0];
    error = sys_handle_dup((int)words[3], number, HANDLE_DUP_AT);
    (void)sys_handle_close((int)words[3]);
    return error < 0 ? error : 0;
}

/* In a child: what it makes the servers keep is counted for itself, and not for the shell. In a
 * shell that is itself such a client, all that it starts is counted with it. */
void client_begin(void) {
    long error = session_replace(HANDLE_CURRENT, HANDLE_CURRENT, OP_CLIENT, NULL);
    if (error == -EPERM)
        return;
    if (!error)
        error = session_replace(HANDLE_ROOT, HANDLE_CURRENT, OP_OPEN, "/");
    if (!error)
        error = session_replace(HANDLE_PIPE, HANDLE_PIPE, OP_CLIENT, NULL);
    if (error) {
        fprintf(stderr, "sh: cannot start a command: %s\n", strerror((int)-error));
        _exit(126);
    }
}

/* ---- Children ---- */

static int status_of(int ended) {
    return WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
}

int child_status(int pid) {
    int ended;
    return waitpid(pid, &ended, 0) == pid ? status_of(ended) : 127;
}

void job_add(int pid) {
    for (int i = 0; njobs == JOBS_MAX && i < njobs; i++)
        if (jobs[i].ended) /* the oldest that nobody has asked for */
            memmove(&jobs[i], &jobs[i + 1], (size_t)(--njobs - i) * sizeof *jobs);
    if (njobs < JOBS_MAX)
        jobs[njobs++] = (struct job){.pid = pid};
}

static struct job *job_find(int pid) {
    for (int i = 0; i < njobs; i++)
        if (jobs[i].pid == pid)
            return &jobs[i];
    return NULL;
}

/* A child has ended: a job, or an orphan that came to us. */
static void job_end(int pid, int ended) {
    struct job *job = job_find(pid);
    if (job)
        *job = (struct job){pid, status_of(ended), true};
}

void jobs_collect(void) {
    int pid, ended;
    while ((pid = waitpid(-1, &ended, WNOHANG)) > 0)
        job_end(pid, ended);
}

static bool jobs_run(void) {
    for (int i = 0; i < njobs; i++)
        if (!jobs[i].ended)
            return true;
    return false;
}

/* A child that waits in the foreground in our place: Ctrl-C ends it. returns: its pid, or -1 */
static int stand_in_start(void) {
    int pid = fork();
    if (pid != 0)
        return pid;
    foreground_join(0);
    for (;;)
        (void)sys_sleep(UINT64_MAX);
}

/* Wait until `done`, or for Ctrl-C. returns: whether it was Ctrl-C */
static bool wait_until(bool (*done)(int pid), int wanted) {
    int stand_in = interactive && !done(wanted) ? stand_in_start() : -1, pid = 0, ended;
    while (!done(wanted) && (pid = waitpid(-1, &ended, 0)) > 0 && pid != stand_in)
        job_end(pid, ended);
    if (stand_in > 0 && pid != stand_in) {
        (void)kill(stand_in, SIGKILL);
        (void)waitpid(stand_in, &ended, 0);
    }
    interrupted = interactive && foreground_end();
    return interrupted;
}

static bool all_ended(int ignored) {
    (void)ignored;
    return !jobs_run();
}

static bool one_ended(int pid) {
    const struct job *job = job_find(pid);
    return !job || job->ended;
}

int jobs_wait(void) {
    bool interruption = wait_until(all_ended, 0);
    if (!interruption)
        njobs = 0;
    return interruption ? 128 + SIGINT : 0;
}

int job_status(int pid) {
    if (!job_find(pid))
        return 127;
    if (wait_until(one_ended, pid))
        return 128 + SIGINT;
    struct job *job = job_find(pid);
    int result = job->status;
    memmove(job, job + 1, (size_t)(&jobs[--njobs] - job) * sizeof *job);
    return result;
}
