/* Files by descriptor. A descriptor is the handle of a session with whoever serves the file, and
 * the offset lies in the session: so fork and dup share it by themselves. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/libc/service.h"

/* ---- Reading and writing ---- */

static ssize_t transfer_in(int file, void *bytes, size_t nbytes, off_t offset) {
    struct service_call call = {
        .word = {OP_READ, (long)nbytes, offset}, .in = bytes, .in_bytes = nbytes};
    return service_call(file, &call);
}

static ssize_t transfer_out(int file, const void *bytes, size_t nbytes, off_t offset) {
    struct service_call call = {
        .word = {OP_WRITE, (long)nbytes, offset}, .out = bytes, .out_bytes = nbytes};
    ssize_t result = service_call(file, &call);
    if (result < 0 && errno == EPIPE)
        raise(SIGPIPE);
    return result;
}

ssize_t read(int file, void *bytes, size_t nbytes) {
    return transfer_in(file, bytes, nbytes, PROTOCOL_CURRENT);
}

ssize_t write(int file, const void *bytes, size_t nbytes) {
    return transfer_out(file, bytes, nbytes, PROTOCOL_CURRENT);
}

ssize_t pread(int file, void *bytes, size_t nbytes, off_t offset) {
    if (offset < 0)
        return service_result(-EINVAL);
    return transfer_in(file, bytes, nbytes, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t nbytes, off_t offset) {
    if (offset < 0)
        return service_result(-EINVAL);
    return transfer_out(file, bytes, nbytes, offset);
}

off_t lseek(int file, off_t offset, int whence) {
    struct service_call call = {.word = {OP_SEEK, offset, whence}};
    return service_call(file, &call);
}

int ftruncate(int file, off_t size) {
    struct service_call call = {.word = {OP_TRUNCATE, size}};
    return (int)service_call(file, &call);
}

int isatty(int file) {
    struct service_call call = {.word = {OP_ISATTY}};
    long result = service_call(file, &call);
    if (result == 0 || (result < 0 && errno == ENOSYS))
        errno = ENOTTY;
    return result == 1;
}

int fsync(int file) { return isatty(file) || errno == ENOTTY ? 0 : -1; }

/* ---- Opening and closing ---- */

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = (flags & O_CREAT) ? va_arg(arguments, int) : 0;
    va_end(arguments);
    struct service_call call = {
        .word = {OP_OPEN, flags & ~O_CLOEXEC, mode}, .out = path, .out_bytes = strlen(path) + 1};
    int file = service_open(*path == '/' ? HANDLE_ROOT : HANDLE_CURRENT, &call);
    if (file >= 0 && (flags & O_CLOEXEC))
        (void)sys_handle_flags(file, HANDLE_CLOEXEC);
    return file;
}

int creat(const char *path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int close(int file) { return (int)service_result(sys_handle_close(file)); }

int dup(int file) { return (int)service_result(sys_handle_dup(file, 0, 0)); }

int dup2(int file, int number) {
    if (file == number)
        return service_result(sys_handle_flags(file, -1)) < 0 ? -1 : number;
    long result = number < 0 ? -EBADF : sys_handle_dup(file, number, HANDLE_DUP_AT);
    return (int)service_result(result == -EMFILE ? -EBADF : result);
}

int pipe(int ends[2]) {
    struct service_call create = {.word = {OP_PIPE_CREATE}}, writer = {.word = {OP_PIPE_WRITER}};
    int reading = service_open(HANDLE_PIPE, &create);
    if (reading < 0)
        return -1;
    int writing = service_open(reading, &writer);
    if (writing < 0) {
        int error = errno;
        close(reading);
        errno = error;
        return -1;
    }
    ends[0] = reading;
    ends[1] = writing;
    return 0;
}

int fcntl(int file, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    int value = va_arg(arguments, int);
    va_end(arguments);
    switch (command) {
    case F_DUPFD:
        return (int)service_result(value < 0 ? -EINVAL : sys_handle_dup(file, value, 0));
    case F_DUPFD_CLOEXEC:
        return (int)service_result(value < 0 ? -EINVAL
                                             : sys_handle_dup(file, value, HANDLE_CLOEXEC));
    case F_GETFD:
        return (int)service_result(sys_handle_flags(file, -1));
    case F_SETFD:
        return service_result(sys_handle_flags(file, (value & FD_CLOEXEC) ? HANDLE_CLOEXEC : 0)) < 0
                   ? -1
                   : 0;
    case F_GETFL: {
        struct service_call call = {.word = {OP_FLAGS}};
        return (int)service_call(file, &call);
    }
    default:
        return (int)service_result(-EINVAL);
    }
}

/* ---- What files are ---- */

static void stat_fill(struct stat *to, const struct protocol_stat *from) {
    *to = (struct stat){.st_ino = (ino_t)from->inode,
                        .st_mode = from->mode,
                        .st_nlink = (nlink_t)from->links,
                        .st_size = (off_t)from->size,
                        .st_blksize = 4096,
                        .st_blocks = (blkcnt_t)((from->size + 511) / 512)};
}

int fstat(int file, struct stat *to) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT}, .in = &from, .in_bytes = sizeof from};
    if (service_call(file, &call) < 0)
        return -1;
    stat_fill(to, &from);
    return 0;
}

/* ---- Names ---- */

static int directory_of(const char *path) { return *path == '/' ? HANDLE_ROOT : HANDLE_CURRENT; }

static int path_call(long operation, long word, const char *path) {
    struct service_call call = {
        .word = {operation, word}, .out = path, .out_bytes = strlen(path) + 1};
    return (int)service_call(directory_of(path), &call);
}

int stat(const char *path, struct stat *to) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT_PATH},
                                .out = path,
                                .out_bytes = strlen(path) + 1,
                                .in = &from,
                                .in_bytes = sizeof from};
    if (service_call(directory_of(path), &call) < 0)
        return -1;
    stat_fill(to, &from);
    return 0;
}

int lstat(const char *path, struct stat *to) { return stat(path, to); }

int access(const char *path, int mode) {
    struct stat ignored;
    (void)mode; /* what a process may do is what its handles allow */
    return stat(path, &ignored);
}

int mkdir(const char *path, mode_t mode) { return path_call(OP_MKDIR, (long)mode, path); }
int unlink(const char *path) { return path_call(OP_UNLINK, 0, path); }
int rmdir(const char *path) { return path_call(OP_RMDIR, 0, path); }

int truncate(const char *path, off_t size) {
    int file = open(path, O_WRONLY);
    if (file < 0)
        return -1;
    int result = ftruncate(file, size), error = errno;
    close(file);
    errno = error;
    return result;
}

/* Two paths in one buffer, each ended by 0. Both are taken from the current directory, as the
 * server takes a path that starts with / from the root. */
static int paths_call(long operation, const char *from, const char *to) {
    char both[4096];
    size_t first = strlen(from) + 1, second = strlen(to) + 1;
    if (first + second > sizeof both)
        return (int)service_result(-ENAMETOOLONG);
    memcpy(both, from, first);
    memcpy(both + first, to, second);
    struct service_call call = {.word = {operation}, .out = both, .out_bytes = first + second};
    return (int)service_call(HANDLE_CURRENT, &call);
}

int link(const char *from, const char *to) { return paths_call(OP_LINK, from, to); }
int rename(const char *from, const char *to) { return paths_call(OP_RENAME, from, to); }

int chdir(const char *path) {
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    if (directory < 0)
        return -1;
    long result = sys_handle_dup(directory, HANDLE_CURRENT, HANDLE_DUP_AT);
    close(directory);
    return service_result(result) < 0 ? -1 : 0;
}

char *getcwd(char *path, size_t nbytes) {
    struct service_call call = {.word = {OP_GETCWD}, .in = path, .in_bytes = nbytes};
    if (!path || nbytes == 0) {
        errno = EINVAL;
        return NULL;
    }
    return service_call(HANDLE_CURRENT, &call) < 0 ? NULL : path;
}
