/* Names: what a path leads to, and what happens to directories' entries. Paths are walked by the
 * file server, from its root or from the current directory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/libc/service.h"

static int path_call(long operation, long word, const char *path) {
    struct service_call call = {.word = {operation, word}};
    long session = service_path(path, &call);
    return (int)(session < 0 ? service_result(session) : service_call((int)session, &call));
}

/* The one user may do everything, but nobody may execute what has no such bit. */
int access(const char *path, int mode) {
    struct stat status;
    if (mode & ~(R_OK | W_OK | X_OK))
        return (int)service_result(-EINVAL);
    if (stat(path, &status) < 0)
        return -1;
    bool executable = S_ISDIR(status.st_mode) || (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH));
    return (int)service_result((mode & X_OK) && !executable ? -EACCES : 0);
}

int mkdir(const char *path, mode_t mode) {
    mode_t mask = umask(0);
    (void)umask(mask);
    return path_call(OP_MKDIR, (long)(mode & ~mask), path);
}

int unlink(const char *path) { return path_call(OP_UNLINK, 0, path); }
int rmdir(const char *path) { return path_call(OP_RMDIR, 0, path); }

int remove(const char *path) {
    if (unlink(path) == 0)
        return 0;
    return errno == EISDIR ? rmdir(path) : -1;
}

/* ---- By an open file ---- */

/* Close, and keep the errno of what was done before. */
static int result_close(int result, int file) {
    int error = errno;
    (void)close(file);
    errno = error;
    return result;
}

int truncate(const char *path, off_t size) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    return file < 0 ? -1 : result_close(ftruncate(file, size), file);
}

int chmod(const char *path, mode_t mode) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    return file < 0 ? -1 : result_close(fchmod(file, mode), file);
}

/* The file is only there to find a name that nobody has. */
char *mkdtemp(char *pattern) {
    int file = mkstemp(pattern);
    if (file < 0 || result_close(unlink(pattern), file) < 0)
        return NULL;
    return mkdir(pattern, 0700) < 0 ? NULL : pattern;
}

/* ---- Two names ---- */

/* Two paths in one buffer, each ended by 0. Both are taken from the current directory, as the
 * server takes a path that starts with / from the root. */
static int paths_call(long operation, const char *from, const char *to) {
    char both[2 * PATH_MAX];
    size_t first = strlen(from) + 1, second = strlen(to) + 1;
    if (first > PATH_MAX || second > PATH_MAX)
        return (int)service_result(-ENAMETOOLONG);
    memcpy(both, from, first);
    memcpy(both + first, to, second);
    struct service_call call = {.word = {operation}, .out = both, .out_bytes = first + second};
    return (int)service_call(HANDLE_CURRENT, &call);
}

int link(const char *from, const char *to) { return paths_call(OP_LINK, from, to); }
int rename(const char *from, const char *to) { return paths_call(OP_RENAME, from, to); }

/* What there is is no symbolic link. */
ssize_t readlink(const char *restrict path, char *restrict target, size_t nbytes) {
    struct stat ignored;
    (void)target;
    (void)nbytes;
    return stat(path, &ignored) < 0 ? -1 : service_result(-EINVAL);
}

/* ---- The current directory ---- */

int fchdir(int directory) {
    struct stat status;
    if (fstat(directory, &status) < 0)
        return -1;
    if (!S_ISDIR(status.st_mode))
        return (int)service_result(-ENOTDIR);
    return service_result(sys_handle_dup(directory, HANDLE_CURRENT, HANDLE_DUP_AT)) < 0 ? -1 : 0;
}

int chdir(const char *path) {
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    return directory < 0 ? -1 : result_close(fchdir(directory), directory);
}

/* Without a buffer, one of malloc is made. */
char *getcwd(char *path, size_t nbytes) {
    static char whole[PATH_MAX];
    struct service_call call = {.word = {OP_GETCWD}, .in = whole, .in_bytes = sizeof whole};
    if (path && nbytes == 0) {
        errno = EINVAL;
        return NULL;
    }
    if (service_call(HANDLE_CURRENT, &call) < 0)
        return NULL;
    if (!path && nbytes == 0)
        return strdup(whole);
    if (strlen(whole) >= nbytes) {
        errno = ERANGE;
        return NULL;
    }
    if (!path)
        path = malloc(nbytes);
    return path ? strcpy(path, whole) : NULL;
}

/* Every name on the way is there, so the directory that it leads to can be asked for its path. */
char *realpath(const char *restrict path, char *restrict resolved) {
    struct stat status;
    char parent[PATH_MAX], *real = NULL;
    if (stat(path, &status) < 0)
        return NULL;
    const char *name = S_ISDIR(status.st_mode) ? NULL : strrchr(path, '/');
    if (S_ISDIR(status.st_mode))
        snprintf(parent, sizeof parent, "%s", path);
    else
        snprintf(parent, sizeof parent, "%.*s", name ? (int)(name - path + 1) : 1,
                 name ? path : ".");
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (before < 0)
        return NULL;
    if (chdir(parent) == 0)
        real = getcwd(NULL, 0);
    (void)fchdir(before);
    (void)close(before);
    if (!real)
        return NULL;
    const char *last = S_ISDIR(status.st_mode) ? "" : name ? name + 1 : path;
    if (!resolved)
        resolved = malloc(PATH_MAX);
    if (resolved)
        snprintf(resolved, PATH_MAX, "%s%s%s", real, *last && real[1] ? "/" : "", last);
    free(real);
    return resolved;
}
