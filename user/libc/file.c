/* Files by descriptor. A descriptor is the handle of a session with whoever serves the file, and
 * the offset lies in the session: so fork and dup share it by themselves. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "user/libc/service.h"

/* ---- Reading and writing ---- */

static ssize_t transfer_in(int file, void *bytes, size_t nbytes, off_t offset) {
    struct service_call call = {
        .word = {OP_READ, (long)nbytes, offset}, .in = bytes, .in_bytes = nbytes};
    return file_call(file, &call);
}

static ssize_t transfer_out(int file, const void *bytes, size_t nbytes, off_t offset) {
    struct service_call call = {
        .word = {OP_WRITE, (long)nbytes, offset}, .out = bytes, .out_bytes = nbytes};
    ssize_t result = file_call(file, &call);
    if (result < 0 && errno == EPIPE)
        (void)raise(SIGPIPE);
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
    return file_call(file, &call);
}

int ftruncate(int file, off_t size) {
    struct service_call call = {.word = {OP_TRUNCATE, size}};
    return (int)file_call(file, &call);
}

int isatty(int file) {
    struct service_call call = {.word = {OP_ISATTY}};
    long result = file_call(file, &call);
    if (result == 0 || (result < 0 && errno == EINVAL))
        errno = ENOTTY;
    return result == 1;
}

/* What is written is where it stays: there is nothing to wait for. */
int fsync(int file) {
    struct stat ignored;
    return fstat(file, &ignored);
}

int fdatasync(int file) { return fsync(file); }
void sync(void) {}

static ssize_t parts_transfer(int file, const struct iovec *parts, int nparts,
                              ssize_t (*transfer)(int, void *, size_t)) {
    ssize_t total = 0, done;
    if (nparts <= 0 || nparts > IOV_MAX)
        return service_result(-EINVAL);
    for (int i = 0; i < nparts; i++) {
        done = transfer(file, parts[i].iov_base, parts[i].iov_len);
        if (done < 0)
            return total ? total : -1;
        total += done;
        if ((size_t)done < parts[i].iov_len)
            break;
    }
    return total;
}

static ssize_t part_write(int file, void *bytes, size_t nbytes) {
    return write(file, bytes, nbytes);
}

ssize_t readv(int file, const struct iovec *parts, int nparts) {
    return parts_transfer(file, parts, nparts, read);
}

ssize_t writev(int file, const struct iovec *parts, int nparts) {
    return parts_transfer(file, parts, nparts, part_write);
}

/* ---- Opening and closing ---- */

static const struct {
    int own;  /* picolibc's O_* */
    int wire; /* OPEN_* */
} flag_pairs[] = {
    {O_CREAT, OPEN_CREATE},  {O_EXCL, OPEN_EXCLUSIVE},    {O_TRUNC, OPEN_TRUNCATE},
    {O_APPEND, OPEN_APPEND}, {O_NONBLOCK, OPEN_NONBLOCK}, {O_DIRECTORY, OPEN_DIRECTORY},
};

static int flags_to_wire(int flags) {
    int wire = flags & O_ACCMODE;
    for (size_t i = 0; i < sizeof flag_pairs / sizeof *flag_pairs; i++)
        wire |= flags & flag_pairs[i].own ? flag_pairs[i].wire : 0;
    return wire;
}

static int flags_from_wire(int wire) {
    int flags = wire & OPEN_ACCESS;
    for (size_t i = 0; i < sizeof flag_pairs / sizeof *flag_pairs; i++)
        flags |= wire & flag_pairs[i].wire ? flag_pairs[i].own : 0;
    return flags;
}

static mode_t creation_mask = S_IWGRP | S_IWOTH;

mode_t umask(mode_t mask) {
    mode_t before = creation_mask;
    creation_mask = mask & 0777;
    return before;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = (flags & O_CREAT) ? va_arg(arguments, int) & ~(int)creation_mask : 0;
    va_end(arguments);
    struct service_call call = {.word = {OP_OPEN, flags_to_wire(flags), mode}};
    long session = (flags & O_ACCMODE) == O_ACCMODE ? -EINVAL : service_path(path, &call);
    if (session < 0)
        return (int)service_result(session);
    int file = service_open((int)session, &call);
    if (file >= 0 && (flags & O_CLOEXEC))
        (void)sys_handle_flags(file, HANDLE_CLOEXEC);
    return file;
}

int creat(const char *path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int close(int file) {
    long number = file_number(file);
    return (int)service_result(number < 0 ? number : sys_handle_close(file));
}

/* The lowest free descriptor from `least` on. */
static int descriptor_dup(int file, int least, int flags) {
    if (file_number(file) < 0)
        return (int)service_result(-EBADF);
    if (file_number(least) < 0)
        return (int)service_result(-EINVAL);
    long number = sys_handle_dup(file, least, flags);
    if (number >= OPEN_MAX) {
        (void)sys_handle_close((int)number);
        number = -EMFILE;
    }
    return (int)service_result(number);
}

int dup(int file) { return descriptor_dup(file, 0, 0); }

static int descriptor_place(int file, int number, int flags) {
    if (file_number(file) < 0 || file_number(number) < 0)
        return (int)service_result(-EBADF);
    return (int)service_result(sys_handle_dup(file, number, HANDLE_DUP_AT | flags));
}

int dup2(int file, int number) {
    if (file == number)
        return fcntl(file, F_GETFD) < 0 ? -1 : number;
    return descriptor_place(file, number, 0);
}

int dup3(int file, int number, int flags) {
    if (file == number || (flags & ~O_CLOEXEC))
        return (int)service_result(-EINVAL);
    return descriptor_place(file, number, (flags & O_CLOEXEC) ? HANDLE_CLOEXEC : 0);
}

static int flags_get(int file) {
    struct service_call call = {.word = {OP_FLAGS}};
    int wire = (int)file_call(file, &call);
    return wire < 0 ? wire : flags_from_wire(wire);
}

static int flags_set(int file, int flags) {
    struct service_call call = {.word = {OP_SET_FLAGS, flags_to_wire(flags)}};
    return (int)file_call(file, &call);
}

static int pipe_open(int ends[2]) {
    struct service_call create = {.word = {OP_PIPE_CREATE}}, writer = {.word = {OP_PIPE_WRITER}};
    int reading = service_open(HANDLE_PIPE, &create);
    if (reading < 0)
        return -1;
    int writing = service_open(reading, &writer);
    if (writing < 0) {
        int error = errno;
        (void)close(reading);
        errno = error;
        return -1;
    }
    ends[0] = reading;
    ends[1] = writing;
    return 0;
}

int pipe2(int ends[2], int flags) {
    if (flags & ~(O_CLOEXEC | O_NONBLOCK))
        return (int)service_result(-EINVAL);
    if (pipe_open(ends) < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        if (flags & O_CLOEXEC)
            (void)sys_handle_flags(ends[i], HANDLE_CLOEXEC);
        if (flags & O_NONBLOCK)
            (void)flags_set(ends[i], O_NONBLOCK);
    }
    return 0;
}

int pipe(int ends[2]) { return pipe2(ends, 0); }

static int close_on_exec_set(int file, int flags) {
    long result = sys_handle_flags(file, (flags & FD_CLOEXEC) ? HANDLE_CLOEXEC : 0);
    return service_result(result) < 0 ? -1 : 0;
}

int fcntl(int file, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    int value = va_arg(arguments, int);
    va_end(arguments);
    if (file_number(file) < 0)
        return (int)service_result(-EBADF);
    switch (command) {
    case F_DUPFD:
        return descriptor_dup(file, value, 0);
    case F_DUPFD_CLOEXEC:
        return descriptor_dup(file, value, HANDLE_CLOEXEC);
    case F_GETFD:
        return (int)service_result(sys_handle_flags(file, -1));
    case F_SETFD:
        return close_on_exec_set(file, value);
    case F_GETFL:
        return flags_get(file);
    case F_SETFL:
        return flags_set(file, value);
    default:
        return (int)service_result(-EINVAL);
    }
}

/* ---- What files are ---- */

static void stat_fill(struct stat *to, const struct protocol_stat *from) {
    *to = (struct stat){.st_dev = (dev_t)from->device,
                        .st_ino = (ino_t)from->inode,
                        .st_mode = from->mode,
                        .st_nlink = (nlink_t)from->links,
                        .st_size = (off_t)from->size,
                        .st_blksize = (blksize_t)from->best,
                        .st_blocks = (blkcnt_t)((from->memory + 511) / 512)};
}

int fstat(int file, struct stat *to) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT}, .in = &from, .in_bytes = sizeof from};
    if (file_call(file, &call) < 0)
        return -1;
    stat_fill(to, &from);
    return 0;
}

int stat(const char *restrict path, struct stat *restrict to) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT_PATH}, .in = &from, .in_bytes = sizeof from};
    long session = service_path(path, &call);
    if (session < 0 ? service_result(session) : service_call((int)session, &call))
        return -1;
    stat_fill(to, &from);
    return 0;
}

/* There are no symbolic links. */
int lstat(const char *restrict path, struct stat *restrict to) { return stat(path, to); }

int fchmod(int file, mode_t mode) {
    struct service_call call = {.word = {OP_CHMOD, (long)mode}};
    return (int)file_call(file, &call);
}
