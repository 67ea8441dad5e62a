/* Names: what a path leads to, and what happens to directories' entries. A path is walked by the
 * file server, from its root or from a directory's session. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/libc/calls.h"
#include "user/libc/file.h"
#include "user/libc/service.h"

long byre_creation_mask = S_IWGRP | S_IWOTH;

long byre_umask(long mask) {
    long before = byre_creation_mask;
    byre_creation_mask = mask & 0777;
    return before;
}

/* The call with a path. A session that is none of the file server's walks no path. */
static long path_service(long directory, long path, struct service_call *call) {
    long session = byre_path(directory, (const char *)path, call);
    long result = session < 0 ? session : byre_service((int)session, call);
    return result == -ENOSYS ? -ENOTDIR : result;
}

static long path_call(long operation, long word, long directory, long path) {
    struct service_call call = {.word = {operation, word}};
    return path_service(directory, path, &call);
}

/* ---- One name ---- */

long byre_fstatat(long directory, long path, long to, long flags) {
    struct protocol_stat from;
    struct service_call call = {.word = {OP_STAT_PATH}, .in = &from, .in_bytes = sizeof from};
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
        return -EINVAL;
    if ((flags & AT_EMPTY_PATH) && !*(const char *)path)
        return directory == AT_FDCWD ? byre_fstatat(directory, (long)".", to, 0)
                                     : byre_fstat(directory, to);
    long error = path_service(directory, path, &call);
    if (error == 0)
        byre_stat_fill((struct stat *)to, &from);
    return error;
}

/* The one user may do everything, but nobody may execute what has no such bit. */
long byre_faccessat(long directory, long path, long mode) {
    struct stat status;
    if (mode & ~(R_OK | W_OK | X_OK))
        return -EINVAL;
    long error = byre_fstatat(directory, path, (long)&status, 0);
    if (error)
        return error;
    bool executable = S_ISDIR(status.st_mode) || (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH));
    return (mode & X_OK) && !executable ? -EACCES : 0;
}

long byre_mkdirat(long directory, long path, long mode) {
    return path_call(OP_MKDIR, mode & ~byre_creation_mask, directory, path);
}

long byre_unlinkat(long directory, long path, long flags) {
    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    return path_call((flags & AT_REMOVEDIR) ? OP_RMDIR : OP_UNLINK, 0, directory, path);
}

/* What there is is no symbolic link. */
long byre_readlinkat(long directory, long path, long target, long nbytes) {
    struct stat ignored;
    (void)target, (void)nbytes;
    long error = byre_fstatat(directory, path, (long)&ignored, 0);
    return error ? error : -EINVAL;
}

/* The file server keeps files and directories and nothing else. */
long byre_symlinkat(long target, long directory, long path) {
    struct stat ignored;
    (void)target;
    long error = byre_fstatat(directory, path, (long)&ignored, 0);
    return error == 0 ? -EEXIST : error == -ENOENT ? -EPERM : error;
}

long byre_mknodat(long directory, long path, long mode, long device) {
    (void)device;
    if (!S_ISREG(mode) && (mode & S_IFMT))
        return byre_symlinkat(0, directory, path);
    long file = byre_openat(directory, path, O_WRONLY | O_CREAT | O_EXCL, mode & 07777);
    return file < 0 ? file : byre_close(file);
}

/* ---- By an open file ---- */

static long result_close(long result, long file) {
    (void)byre_close(file);
    return result;
}

long byre_truncate(long path, long size) {
    long file = byre_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    return file < 0 ? file : result_close(byre_ftruncate(file, size), file);
}

long byre_fchmodat(long directory, long path, long mode) {
    long file = byre_openat(directory, path, O_RDONLY | O_CLOEXEC, 0);
    return file < 0 ? file : result_close(byre_fchmod(file, mode), file);
}

long byre_fchownat(long directory, long path, long user, long group, long flags) {
    struct stat ignored;
    long error = byre_fstatat(directory, path, (long)&ignored, flags);
    return error ? error : byre_setreuid(user, group);
}

long byre_statfs(long path, long to) {
    long file = byre_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    return file < 0 ? file : result_close(byre_fstatfs(file, to), file);
}

/* ---- Two names ---- */

/* Append the path to the buffer of PROTOCOL_PATH_MAX bytes. From another directory than the current
 * one it begins with that directory's own path.
 * returns: bytes, the 0 included; a negative errno */
static long path_write(char *buffer, long directory, const char *path) {
    struct service_call call = {.word = {OP_GETCWD}, .in = buffer, .in_bytes = PROTOCOL_PATH_MAX};
    long before = 0;
    if ((uintptr_t)path < USER_PAGE_SIZE)
        return -EFAULT;
    if (*path && *path != '/' && directory != AT_FDCWD) {
        before = byre_file((int)directory, &call);
        if (before < 0)
            return before == -EINVAL ? -ENOTDIR : before;
        buffer[before - 1] = '/';
    }
    size_t nbytes = strlen(path) + 1;
    if ((size_t)before + nbytes > PROTOCOL_PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(buffer + before, path, nbytes);
    return before + (long)nbytes;
}

/* Both are taken from the current directory: the server takes a path that starts with / from the
 * root. */
static long paths_call(long operation, long from_directory, long from, long to_directory, long to) {
    char both[2 * PROTOCOL_PATH_MAX];
    long first = path_write(both, from_directory, (const char *)from);
    long second = first < 0 ? first : path_write(both + first, to_directory, (const char *)to);
    struct service_call call = {
        .word = {operation}, .out = both, .out_bytes = (size_t)(first + second)};
    return second < 0 ? second : byre_service(HANDLE_CURRENT, &call);
}

long byre_linkat(long from_directory, long from, long to_directory, long to, long flags) {
    if (flags & ~AT_SYMLINK_FOLLOW)
        return -EINVAL;
    return paths_call(OP_LINK, from_directory, from, to_directory, to);
}

long byre_renameat(long from_directory, long from, long to_directory, long to, long flags) {
    if (flags)
        return -EINVAL;
    return paths_call(OP_RENAME, from_directory, from, to_directory, to);
}

/* ---- The current directory ---- */

long byre_fchdir(long directory) {
    struct stat status;
    long error = byre_fstat(directory, (long)&status);
    if (!error && !S_ISDIR(status.st_mode))
        error = -ENOTDIR;
    if (error)
        return error;
    error = sys_handle_dup((int)directory, HANDLE_CURRENT, HANDLE_DUP_AT);
    return error < 0 ? error : 0;
}

long byre_chdir(long path) {
    long directory = byre_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    return directory < 0 ? directory : result_close(byre_fchdir(directory), directory);
}

long byre_getcwd(long path, long nbytes) {
    struct service_call call = {
        .word = {OP_GETCWD}, .in = (char *)path, .in_bytes = (size_t)nbytes};
    return byre_service(HANDLE_CURRENT, &call);
}
