/* Commands for the shell: system, popen and pclose. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct command {
    struct command *next;
    FILE *stream;
    pid_t pid;
};

static struct command *commands; /* that popen started and pclose has not waited for */

/* In the child. */
_Noreturn static void shell_exec(const char *command) {
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static int status_wait(pid_t pid) {
    int status;
    return waitpid(pid, &status, 0) < 0 ? -1 : status;
}

int system(const char *command) {
    if (!command)
        return access("/bin/sh", X_OK) == 0;
    pid_t pid = fork();
    if (pid == 0)
        shell_exec(command);
    return pid < 0 ? -1 : status_wait(pid);
}

/* The other ends close by themselves at exec: they are made that way. */
static pid_t command_start(const char *command, const int ends[2], int its) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (ends[its] == its)
        (void)fcntl(its, F_SETFD, 0);
    else
        (void)dup2(ends[its], its);
    shell_exec(command);
}

FILE *popen(const char *text, const char *mode) {
    int ends[2];
    int ours = *mode == 'w',
        its = 1 - ours; /* a pipe's ends have the numbers of stdin and stdout */
    if ((*mode != 'r' && *mode != 'w') || mode[1 + (mode[1] == 'e')]) {
        errno = EINVAL;
        return NULL;
    }
    struct command *command = malloc(sizeof *command);
    if (!command || pipe2(ends, O_CLOEXEC) < 0) {
        free(command);
        return NULL;
    }
    *command = (struct command){.next = commands, .stream = fdopen(ends[ours], mode)};
    command->pid = command->stream ? command_start(text, ends, its) : -1;
    int error = errno;
    (void)close(ends[its]);
    if (command->pid > 0) {
        commands = command;
        return command->stream;
    }
    if (command->stream)
        (void)fclose(command->stream);
    else
        (void)close(ends[ours]);
    free(command);
    errno = error;
    return NULL;
}

int pclose(FILE *stream) {
    struct command **link = &commands;
    while (*link && (*link)->stream != stream)
        link = &(*link)->next;
    struct command *command = *link;
    if (!command) {
        errno = ECHILD;
        return -1;
    }
    *link = command->next;
    pid_t pid = command->pid;
    free(command);
    (void)fclose(stream);
    return status_wait(pid);
}
