/* Files by descriptor. A descriptor is the handle of a session with whoever serves the file, and
 * the offset lies in the session: so fork and dup share it by themselves. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "user/libc/calls.h"
#include "user/libc/file.h"
#include "user/libc/service.h"
#include "user/libc/signals.h"

/* ---- Reading and writing ---- */

static long transfer_in(long file, void *bytes, size_t nbytes, long offset) {
    struct service_call call = {
        .word = {OP_READ, (long)nbytes, offset}, .in = bytes, .in_bytes = nbytes};
    return byre_file((int)file, &call);
}

static long transfer_out(long file, const void *bytes, size_t nbytes, long offset) {
    struct service_call call = {
        .word = {OP_WRITE, (long)nbytes, offset}, .out = bytes, .out_bytes = nbytes};
    long result = byre_file((int)file, &call);
    if (result == -EPIPE)
        byre_signal_self(SIGPIPE);
    return result;
}

long byre_read(long file, long bytes, long nbytes) {
    return transfer_in(file, (void *)bytes, (size_t)nbytes, PROTOCOL_CURRENT);
}

long byre_write(long file, long bytes, long nbytes) {
    return transfer_out(file, (const void *)bytes, (size_t)nbytes, PROTOCOL_CURRENT);
}

long byre_pread(long file, long bytes, long nbytes, long offset) {
    return offset < 0 ? -EINVAL : transfer_in(file, (void *)bytes, (size_t)nbytes, offset);
}

long byre_pwrite(long file, long bytes, long nbytes, long offset) {
    return offset < 0 ? -EINVAL : transfer_out(file, (const void *)bytes, (size_t)nbytes, offset);
}

long byre_lseek(long file, long offset, long whence) {
    struct service_call call = {.word = {OP_SEEK, offset, whence}};
    return byre_file((int)file, &call);
}

long byre_ftruncate(long file, long size) {
    struct service_call call = {.word = {OP_TRUNCATE, size}};
    return byre_file((int)file, &call);
}

/* What is written is where it stays: there is nothing to wait for. */
long byre_fsync(long file) {
    struct stat ignored;
    return byre_fstat(file, (long)&ignored);
}

long byre_sync(void) { return 0; }

/* ---- In parts ---- */

/* The bytes of all parts, and the one part that has any, if it is one.
 * returns: -EINVAL: too many parts, or a length that no result can tell */
static long parts_measure(const struct iovec *parts, long nparts, const struct iovec **only) {
    size_t total = 0;
    int used = 0;
    *only = NULL;
    if (nparts < 0 || nparts > IOV_MAX)
        return -EINVAL;
    for (long i = 0; i < nparts; i++) {
        if (parts[i].iov_len > (size_t)SSIZE_MAX - total)
            return -EINVAL;
        total += parts[i].iov_len;
        if (parts[i].iov_len > 0 && used++ == 0)
            *only = &parts[i];
    }
    if (used > 1)
        *only = NULL;
    return (long)total;
}

static void parts_gather(char *to, const struct iovec *parts, long nparts) {
    for (long i = 0; i < nparts; to += parts[i++].iov_len)
        memcpy(to, parts[i].iov_base, parts[i].iov_len);
}

static void parts_scatter(const char *from, size_t nbytes, const struct iovec *parts) {
    for (; nbytes > 0; parts++) {
        size_t part = nbytes < parts->iov_len ? nbytes : parts->iov_len;
        memcpy(parts->iov_base, from, part);
        from += part, nbytes -= part;
    }
}

static long parts_write_small(long file, const struct iovec *parts, long nparts, size_t total) {
    char bytes[total];
    parts_gather(bytes, parts, nparts);
    return byre_write(file, (long)bytes, (long)total);
}

/* All parts are one write, so that no other writer's bytes come between them. */
static long parts_write_large(long file, const struct iovec *parts, long nparts, size_t total) {
    long bytes = sys_map(0, total, MAP_READ | MAP_WRITE);
    if (bytes < 0)
        return bytes;
    parts_gather((char *)bytes, parts, nparts);
    long result = byre_write(file, bytes, (long)total);
    (void)sys_unmap((uintptr_t)bytes, total);
    return result;
}

long byre_writev(long file, long vector, long nparts) {
    const struct iovec *parts = (const struct iovec *)vector, *only;
    long total = parts_measure(parts, nparts, &only);
    if (total < 0)
        return total;
    if (only || total == 0)
        return byre_write(file, only ? (long)only->iov_base : 0, total);
    return total <= PIPE_BUF ? parts_write_small(file, parts, nparts, (size_t)total)
                             : parts_write_large(file, parts, nparts, (size_t)total);
}

static long parts_read_small(long file, const struct iovec *parts, size_t total) {
    char bytes[total];
    long result = byre_read(file, (long)bytes, (long)total);
    if (result > 0)
        parts_scatter(bytes, (size_t)result, parts);
    return result;
}

/* A part that was filled is followed by the next only where that can not make the caller wait: in
 * files that have an offset. */
static long parts_read_large(long file, const struct iovec *parts, long nparts) {
    bool waits = byre_lseek(file, 0, SEEK_CUR) < 0;
    long done = 0;
    for (long i = 0; i < nparts; i++) {
        if (parts[i].iov_len == 0)
            continue;
        long result = byre_read(file, (long)parts[i].iov_base, (long)parts[i].iov_len);
        if (result < 0)
            return done ? done : result;
        done += result;
        if (waits || (size_t)result < parts[i].iov_len)
            break;
    }
    return done;
}

long byre_readv(long file, long vector, long nparts) {
    const struct iovec *parts = (const struct iovec *)vector, *only;
    long total = parts_measure(parts, nparts, &only);
    if (total < 0)
        return total;
    if (only || total == 0)
        return byre_read(file, only ? (long)only->iov_base : 0, total);
    return total <= PIPE_BUF ? parts_read_small(file, parts, (size_t)total)
                             : parts_read_large(file, parts, nparts);
}

/* ---- Opening and closing ---- */

_Static_assert(O_CREAT == OPEN_CREATE && O_EXCL == OPEN_EXCLUSIVE && O_TRUNC == OPEN_TRUNCATE &&
                   O_APPEND == OPEN_APPEND && O_NONBLOCK == OPEN_NONBLOCK &&
                   O_DIRECTORY == OPEN_DIRECTORY,
               "the protocol has the flags of the C library");

/* What a server needs of the flags. The others are the library's, or change nothing here. */
static long flags_of(long flags) {
    return flags &
           (O_RDWR | O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NONBLOCK | O_DIRECTORY);
}

long byre_openat(long directory, long path, long flags, long mode) {
    struct service_call call = {.word = {OP_OPEN, flags_of(flags), mode & ~byre_creation_mask}};
    if ((flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    long session = byre_path(directory, (const char *)path, &call);
    if (session < 0)
        return session;
    long file = byre_service_open((int)session, &call);
    if (file >= 0 && (flags & O_CLOEXEC))
        (void)sys_handle_flags((int)file, HANDLE_CLOEXEC);
    return file == -ENOSYS ? -ENOTDIR : file;
}

long byre_close(long file) {
    long number = byre_file_number(file);
    return number < 0 ? number : sys_handle_close((int)number);
}

/* The lowest free descriptor from `least` on. */
static long descriptor_dup(long file, long least, int flags) {
    if (byre_file_number(file) < 0)
        return -EBADF;
    if (byre_file_number(least) < 0)
        return -EINVAL;
    long number = sys_handle_dup((int)file, (int)least, flags);
    if (number < BYRE_OPEN_MAX)
        return number;
    (void)sys_handle_close((int)number);
    return -EMFILE;
}

long byre_dup(long file) { return descriptor_dup(file, 0, 0); }

long byre_dup3(long file, long number, long flags) {
    if (file == number || (flags & ~O_CLOEXEC))
        return -EINVAL;
    if (byre_file_number(file) < 0 || byre_file_number(number) < 0)
        return -EBADF;
    int how = HANDLE_DUP_AT | ((flags & O_CLOEXEC) ? HANDLE_CLOEXEC : 0);
    return sys_handle_dup((int)file, (int)number, how);
}

static long flags_set(long file, long flags) {
    struct service_call call = {.word = {OP_SET_FLAGS, flags}};
    return byre_file((int)file, &call);
}

long byre_fcntl(long file, long command, long value) {
    struct service_call call = {.word = {OP_FLAGS}};
    if (byre_file_number(file) < 0)
        return -EBADF;
    switch (command) {
    case F_DUPFD:
        return descriptor_dup(file, value, 0);
    case F_DUPFD_CLOEXEC:
        return descriptor_dup(file, value, HANDLE_CLOEXEC);
    case F_GETFD:
        return sys_handle_flags((int)file, -1);
    case F_SETFD:
        value = sys_handle_flags((int)file, (value & FD_CLOEXEC) ? HANDLE_CLOEXEC : 0);
        return value < 0 ? value : 0;
    case F_GETFL:
        return byre_file((int)file, &call);
    case F_SETFL:
        return flags_set(file, value);
    default:
        return -EINVAL;
    }
}

long byre_pipe2(long ends, long flags) {
    struct service_call create = {.word = {OP_PIPE_CREATE}}, writer = {.word = {OP_PIPE_WRITER}};
    int *result = (int *)ends;
    if (flags & ~(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    long reading = byre_service_open(HANDLE_PIPE, &create);
    if (reading < 0)
        return reading;
    long writing = byre_service_open((int)reading, &writer);
    if (writing < 0) {
        (void)sys_handle_close((int)reading);
        return writing;
    }
    result[0] = (int)reading, result[1] = (int)writing;
    for (int i = 0; i < 2; i++) {
        if (flags & O_CLOEXEC)
            (void)sys_handle_flags(result[i], HANDLE_CLOEXEC);
        if (flags & O_NONBLOCK)
            (void)flags_set(result[i], O_NONBLOCK);
    }
    return 0;
}

/* ---- What files are ---- */

void byre_stat_fill(struct stat *to, const struct protocol_stat *from) {
    *to = (struct stat){.st_dev = from->device,
                        .st_ino = from->inode,
                        .st_mode = from->mode,
                        .st_nlink = from->links,
                        .st_size = (off_t)from->size,
                        .st_blksize = (blksize_t)from->best,
                        .st_blocks = (blkcnt_t)((from->memory + 511) / 512)};
}

long byre_fstat(long file, long to) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT}, .in = &from, .in_bytes = sizeof from};
    long error = byre_file((int)file, &call);
    if (error == 0)
        byre_stat_fill((struct stat *)to, &from);
    return error;
}

long byre_fchmod(long file, long mode) {
    struct service_call call = {.word = {OP_CHMOD, mode}};
    return byre_file((int)file, &call);
}

long byre_fchown(long file, long user, long group) {
    long error = byre_fsync(file);
    return error ? error : byre_setreuid(user, group);
}

/* The file system is a part of memory. */
long byre_fstatfs(long file, long to) {
    struct memory_info memory;
    long error = byre_fsync(file);
    if (!error)
        error = sys_memory_info(&memory);
    if (!error)
        *(struct statfs *)to = (struct statfs){.f_bsize = USER_PAGE_SIZE,
                                               .f_frsize = USER_PAGE_SIZE,
                                               .f_blocks = memory.frames_total,
                                               .f_bfree = memory.frames_free,
                                               .f_bavail = memory.frames_free,
                                               .f_namelen = NAME_MAX};
    return error;
}

/* A terminal is told from other files by its size, which is not known to the system. */
long byre_ioctl(long file, long request, long argument) {
    struct service_call call = {.word = {OP_ISATTY}};
    long result = byre_file((int)file, &call);
    if (result < 0 && result != -EINVAL)
        return result;
    if (result != 1 || request != TIOCGWINSZ)
        return -ENOTTY;
    *(struct winsize *)argument = (struct winsize){.ws_row = 24, .ws_col = 80};
    return 0;
}
