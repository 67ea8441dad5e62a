/* Tries to reach what lies outside of its own memory. To be started by bare: it ends with 0 when
 * everything is refused, or else with the number of the first attempt that is not. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

#define HANDLES 4096

static int attempt;

/* An attempt that must be refused with this errno. */
static void refused(int error, int success) {
    attempt++;
    if (success || errno != error)
        _exit(attempt);
}

static void handles_try(void) {
    for (int handle = 0; handle < HANDLES; handle++) {
        long words[4] = {OP_WRITE, 1, PROTOCOL_CURRENT};
        errno = (int)-sys_call(handle, words, "x", 1, NULL, 0, 0);
        refused(EBADF, errno == 0);
        attempt--;
    }
    attempt++;
}

static void output_try(void) {
    refused(EBADF, write(1, "x", 1) >= 0);
    refused(EBADF, write(2, "x", 1) >= 0);
    refused(EBADF, printf("x") > 0 && fflush(stdout) == 0);
    refused(EBADF, sys_log(HANDLE_LOG, "x", 1) != -EBADF);
}

static void files_try(void) {
    struct stat status;
    char path[64];
    refused(EBADF, open("/bin/sh", O_RDONLY) >= 0);
    refused(EBADF, open("new", O_WRONLY | O_CREAT, 0600) >= 0);
    refused(EBADF, opendir("/") != NULL);
    refused(EBADF, stat("/", &status) >= 0);
    refused(EBADF, mkdir("/new", 0700) >= 0);
    refused(EBADF, unlink("/bin/sh") >= 0);
    refused(EBADF, rename("/bin/sh", "/sh") >= 0);
    refused(EBADF, chdir("/") >= 0);
    refused(EBADF, getcwd(path, sizeof path) != NULL);
    refused(EBADF, execl("/bin/true", "true", (char *)NULL) >= 0);
    refused(EBADF, pipe((int[2]){0, 0}) >= 0);
}

static void others_try(void) {
    refused(EPERM, kill(1, SIGKILL) >= 0);
    refused(EPERM, kill(getppid(), SIGKILL) >= 0);
    errno = (int)-sys_process_open(getppid());
    refused(EPERM, errno <= 0);
    errno = (int)-sys_power_off(HANDLE_POWER, 1);
    refused(EBADF, 0);
    size_t nbytes;
    errno = (int)-sys_device_map(HANDLE_FIRST_DEVICE, &nbytes);
    refused(EBADF, 0);
}

static void all_try(void) {
    handles_try();
    output_try();
    files_try();
    others_try();
}

int main(void) {
    int status;
    all_try();
    pid_t child = fork(); /* who has no rights has none to hand on */
    if (child == 0) {
        all_try();
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        _exit(100);
    _exit(0);
}
