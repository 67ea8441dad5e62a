/* Processes: fork, exec, wait, kill. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/libc/service.h"

pid_t fork(void) { return (pid_t)service_result(sys_fork()); }
pid_t vfork(void) { return fork(); }
pid_t getpid(void) { return (pid_t)sys_getpid(); }
pid_t getppid(void) { return (pid_t)sys_getppid(); }
void _exit(int status) { sys_exit(status); }

pid_t waitpid(pid_t pid, int *status, int options) {
    return (pid_t)service_result(sys_wait(pid, status, options));
}

pid_t wait(int *status) { return waitpid(-1, status, 0); }

int kill(pid_t pid, int signal) { return (int)service_result(sys_kill(pid, signal)); }

/* ---- exec ---- */

static size_t strings_bytes(char *const strings[], uint32_t *count) {
    size_t nbytes = 0;
    for (*count = 0; strings[*count]; ++*count)
        nbytes += strlen(strings[*count]) + 1;
    return nbytes;
}

static char *strings_copy(char *to, char *const strings[]) {
    for (; *strings; strings++)
        to = stpcpy(to, *strings) + 1;
    return to;
}

/* => the block, malloc'ed; NULL and errno */
static struct argument_block *block_build(char *const argv[], char *const envp[], size_t *nbytes) {
    uint32_t argc, envc;
    *nbytes =
        sizeof(struct argument_block) + strings_bytes(argv, &argc) + strings_bytes(envp, &envc);
    if (*nbytes > ARGUMENT_BLOCK_MAX) {
        errno = E2BIG;
        return NULL;
    }
    struct argument_block *block = malloc(*nbytes);
    if (!block)
        return NULL;
    block->argc = argc;
    block->envc = envc;
    (void)strings_copy(strings_copy(block->strings, argv), envp);
    return block;
}

/* Read a whole file into whole pages of its own. => the address, or -1 and errno */
static long image_read(const char *path, size_t *nbytes) {
    struct stat status;
    size_t done = 0;
    ssize_t part = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    long image = -1;
    if (fstat(file, &status) == 0) {
        errno = S_ISREG(status.st_mode) ? ENOEXEC : EACCES;
        if (S_ISREG(status.st_mode) && status.st_size > 0)
            image = service_result(sys_map(0, (size_t)status.st_size, MAP_READ | MAP_WRITE));
    }
    while (image >= 0 && done < (size_t)status.st_size) {
        part = read(file, (char *)image + done, (size_t)status.st_size - done);
        if (part <= 0)
            break;
        done += (size_t)part;
    }
    if (part < 0) {
        int error = errno;
        (void)sys_unmap((uintptr_t)image, (size_t)status.st_size);
        errno = error;
        image = -1;
    }
    close(file);
    *nbytes = done;
    return image;
}

int execve(const char *path, char *const argv[], char *const envp[]) {
    size_t block_bytes, image_bytes;
    struct argument_block *block = block_build(argv, envp, &block_bytes);
    if (!block)
        return -1;
    long image = image_read(path, &image_bytes);
    if (image >= 0) {
        long error = sys_exec((const void *)image, image_bytes, block, block_bytes);
        (void)sys_unmap((uintptr_t)image, image_bytes);
        errno = (int)-error;
    }
    int error = errno;
    free(block);
    errno = error;
    return -1;
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }

/* Along PATH when the name has no slash; /bin when there is none. */
int execvp(const char *name, char *const argv[]) {
    const char *path = getenv("PATH");
    char full[1024];
    if (strchr(name, '/'))
        return execv(name, argv);
    if (!path)
        path = "/bin";
    for (;;) {
        size_t length = strcspn(path, ":");
        if (length + strlen(name) + 2 > sizeof full) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(full, path, length);
        full[length] = '/';
        strcpy(full + length + (length > 0), name);
        execv(full, argv);
        if ((errno != ENOENT && errno != ENOTDIR) || !path[length])
            return -1;
        path += length + 1;
    }
}
