/* POSIX in tables: files and directories. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/user/posix.h"

#define DESCRIPTORS 256 /* that a process may have */

static int file, other;
static char bytes[64];

static long size_of(const char *name) {
    struct stat status;
    return stat(name, &status) < 0 ? -1 : (long)status.st_size;
}

static long links_of(const char *name) {
    struct stat status;
    return stat(name, &status) < 0 ? -1 : (long)status.st_nlink;
}

static int mode_of(const char *name) {
    struct stat status;
    return stat(name, &status) < 0 ? -1 : (int)(status.st_mode & 07777);
}

static const char *long_name(size_t length) {
    static char name[PATH_MAX + 2];
    memset(name, 'x', length);
    name[length] = 0;
    return name;
}

/* ---- open, creat, close ---- */

static void open_refuses(void) {
    ROW(0, 0, file_put("plain", "text"));
    ROW(0, 0, mkdir("folder", 0755));
    ROW(-1, ENOENT, open("none", O_RDONLY));
    ROW(-1, ENOENT, open("", O_RDONLY));
    ROW(-1, ENOENT, open("none/new", O_WRONLY | O_CREAT, 0600));
    ROW(-1, ENOENT, open("none/", O_WRONLY | O_CREAT, 0600));
    ROW(-1, ENOENT, open("none", O_RDONLY));
    ROW(-1, ENOTDIR, open("plain/new", O_WRONLY | O_CREAT, 0600));
    ROW(-1, ENOTDIR, open("plain/", O_RDONLY));
    ROW(-1, ENOTDIR, open("plain", O_RDONLY | O_DIRECTORY));
    ROW(-1, EEXIST, open("plain", O_WRONLY | O_CREAT | O_EXCL, 0600));
    ROW(-1, EEXIST, open("folder", O_WRONLY | O_CREAT | O_EXCL, 0600));
    ROW(-1, EISDIR, open("folder", O_WRONLY));
    ROW(-1, EISDIR, open("folder", O_RDWR));
    ROW(-1, EINVAL, open("plain", O_ACCMODE));
    ROW(-1, ENAMETOOLONG, open(long_name(NAME_MAX + 1), O_WRONLY | O_CREAT, 0600));
    ROW(-1, ENAMETOOLONG, open(long_name(PATH_MAX), O_RDONLY));
    ROW(4, 0, size_of("plain"));
    ROW(-1, EBADF, close(-1));
    ROW(-1, EBADF, close(3));
    ROW(-1, EBADF, close(DESCRIPTORS));
}

static void open_makes(void) {
    ROW(022, 0, umask(027));
    ROW(3, 0, open("new", O_WRONLY | O_CREAT, 0777));
    ROW(4, 0, open("new", O_WRONLY | O_CREAT, 0));
    ROW(027, 0, umask(022));
    ROW(0750, 0, mode_of("new"));
    ROW(3, 0, write(3, "abc", 3));
    ROW(3, 0, size_of("new"));
    ROW(0, 0, close(3));
    ROW(3, 0, open("new", O_RDONLY | O_CREAT, 0));
    ROW(1, 0, next_is(3, "abc"));
    ROW(0, 0, close(3));
    ROW(3, 0, open("new", O_WRONLY | O_TRUNC));
    ROW(0, 0, size_of("new"));
    ROW(5, 0, creat("new", 0600));
    ROW(0750, 0, mode_of("new"));
    ROW(6, 0, open(long_name(NAME_MAX), O_WRONLY | O_CREAT | O_EXCL, 0600));
    ROW(0, 0, close(4));
    ROW(-1, EBADF, close(4));
    ROW(4, 0, open(".", O_RDONLY));
    ROW(0, 0, close(3));
    ROW(0, 0, close(4));
    ROW(3, 0, open("/", O_RDONLY | O_DIRECTORY));
}

static void descriptors_end(void) {
    int least = dup(0), last = least;
    for (int next = least; next >= 0; next = dup(0))
        last = next;
    ROW(DESCRIPTORS - 1, 0, last);
    ROW(-1, EMFILE, dup(0));
    ROW(-1, EMFILE, open(".", O_RDONLY));
    ROW(-1, EMFILE, fcntl(0, F_DUPFD, 5));
    ROW(-1, EMFILE, pipe((int[2]){0, 0}));
    ROW(0, 0, close(100));
    ROW(-1, EMFILE, pipe((int[2]){0, 0}));
    ROW(100, 0, open(".", O_RDONLY));
    ROW(7, 0, dup2(0, 7));
}

/* ---- read, write, lseek ---- */

static void read_and_write(void) {
    file = open("f", O_RDWR | O_CREAT, 0600);
    other = open("f", O_RDONLY);
    ROW(0, 0, read(file, bytes, 10));
    ROW(6, 0, write(file, "abcdef", 6));
    ROW(0, 0, read(file, bytes, 10));
    ROW(1, 0, next_is(other, "abcd"));
    ROW(2, 0, read(other, bytes, 10));
    ROW(0, 0, read(other, bytes, 10));
    ROW(0, 0, write(file, "x", 0));
    ROW(6, 0, size_of("f"));
    ROW(-1, EBADF, write(other, "x", 1));
    ROW(-1, EFAULT, write(file, (char *)8, 1));
    ROW(6, 0, size_of("f"));
    ROW(0, 0, lseek(other, 0, SEEK_SET));
    ROW(-1, EFAULT, read(other, (char *)8, 1));
    ROW(1, 0, next_is(other, "abcdef"));
    ROW(0, 0, close(other));
    ROW(-1, EBADF, read(other, bytes, 1));
    ROW(-1, EBADF, write(-1, "x", 1));
    ROW(-1, EBADF, read(DESCRIPTORS, bytes, 1));
    other = open("f", O_WRONLY);
    ROW(-1, EBADF, read(other, bytes, 1));
    other = open(".", O_RDONLY);
    ROW(-1, EISDIR, read(other, bytes, 1));
    ROW(-1, EBADF, write(other, "x", 1));
}

static void seek(void) {
    file = open("f", O_RDWR | O_CREAT, 0600);
    ROW(4, 0, write(file, "abcd", 4));
    ROW(4, 0, lseek(file, 0, SEEK_CUR));
    ROW(2, 0, lseek(file, -2, SEEK_END));
    ROW(1, 0, lseek(file, -1, SEEK_CUR));
    ROW(1, 0, next_is(file, "bcd"));
    ROW(-1, EINVAL, lseek(file, -5, SEEK_CUR));
    ROW(-1, EINVAL, lseek(file, -1, SEEK_SET));
    ROW(-1, EINVAL, lseek(file, 0, 9));
    ROW(-1, EOVERFLOW, lseek(file, LONG_MAX, SEEK_CUR));
    ROW(4, 0, lseek(file, 0, SEEK_CUR));
    ROW(6000, 0, lseek(file, 6000, SEEK_SET));
    ROW(4, 0, size_of("f"));
    ROW(0, 0, read(file, bytes, 1));
    ROW(1, 0, write(file, "z", 1));
    ROW(6001, 0, size_of("f"));
    ROW(4, 0, lseek(file, 4, SEEK_SET));
    ROW(4, 0, read(file, bytes, 4));
    ROW(0, 0, memcmp(bytes, "\0\0\0\0", 4));
    ROW(-1, EBADF, lseek(9, 0, SEEK_CUR));
}

static void at_an_offset(void) {
    file = open("f", O_RDWR | O_CREAT, 0600);
    ROW(4, 0, write(file, "abcd", 4));
    ROW(2, 0, pread(file, bytes, 2, 1));
    ROW(0, 0, memcmp(bytes, "bc", 2));
    ROW(2, 0, pwrite(file, "XY", 2, 0));
    ROW(4, 0, lseek(file, 0, SEEK_CUR));
    ROW(1, 0, file_is("f", "XYcd"));
    ROW(0, 0, pread(file, bytes, 2, 4));
    ROW(-1, EINVAL, pread(file, bytes, 1, -1));
    ROW(-1, EINVAL, pwrite(file, "x", 1, -1));
    ROW(-1, EBADF, pread(9, bytes, 1, 0));
    ROW(-1, EFBIG, pwrite(file, "x", 1, LONG_MAX));
    other = open("f", O_WRONLY | O_APPEND);
    ROW(1, 0, pwrite(other, "_", 1, 1));
    ROW(1, 0, file_is("f", "X_cd"));
}

static void append(void) {
    ROW(0, 0, file_put("f", "ab"));
    file = open("f", O_WRONLY | O_APPEND);
    other = open("f", O_RDWR | O_APPEND);
    ROW(1, 0, write(file, "1", 1));
    ROW(1, 0, write(other, "2", 1));
    ROW(0, 0, lseek(file, 0, SEEK_SET));
    ROW(1, 0, write(file, "3", 1));
    ROW(5, 0, lseek(file, 0, SEEK_CUR));
    ROW(1, 0, file_is("f", "ab123"));
    ROW(O_RDWR | O_APPEND, 0, fcntl(other, F_GETFL));
    ROW(0, 0, fcntl(other, F_SETFL, 0));
    ROW(O_RDWR, 0, fcntl(other, F_GETFL));
    ROW(0, 0, lseek(other, 0, SEEK_SET));
    ROW(1, 0, write(other, "A", 1));
    ROW(1, 0, file_is("f", "Ab123"));
    ROW(0, 0, fcntl(other, F_SETFL, O_APPEND));
    ROW(1, 0, write(other, "4", 1));
    ROW(1, 0, file_is("f", "Ab1234"));
}

static void truncation(void) {
    ROW(0, 0, file_put("f", "abcdef"));
    file = open("f", O_RDWR);
    ROW(5, 0, lseek(file, 5, SEEK_SET));
    ROW(0, 0, ftruncate(file, 3));
    ROW(5, 0, lseek(file, 0, SEEK_CUR));
    ROW(1, 0, file_is("f", "abc"));
    ROW(0, 0, ftruncate(file, 6));
    ROW(6, 0, pread(file, bytes, 9, 0));
    ROW(0, 0, memcmp(bytes, "abc\0\0\0", 6));
    ROW(-1, EINVAL, ftruncate(file, -1));
    ROW(-1, EFBIG, ftruncate(file, LONG_MAX));
    ROW(6, 0, size_of("f"));
    ROW(0, 0, truncate("f", 0));
    ROW(0, 0, size_of("f"));
    ROW(-1, ENOENT, truncate("none", 0));
    ROW(-1, EISDIR, truncate(".", 0));
    other = open("f", O_RDONLY);
    ROW(-1, EINVAL, ftruncate(other, 0));
    ROW(-1, EBADF, ftruncate(9, 0));
}

/* ---- Descriptors ---- */

static void child_reads(long text) { CHECK(next_is(file, (const char *)text)); }

static void offsets(void) {
    ROW(0, 0, file_put("f", "abcdefghij"));
    file = open("f", O_RDWR);
    int copy = dup(file), own = open("f", O_RDONLY);
    ROW(1, 0, next_is(file, "ab"));
    ROW(1, 0, next_is(copy, "cd"));
    ROW(0, 0, child_run(child_reads, (long)"ef"));
    ROW(1, 0, next_is(file, "gh"));
    ROW(1, 0, next_is(own, "ab"));
    ROW(0, 0, close(file));
    ROW(1, 0, next_is(copy, "ij"));
    ROW(0, 0, fcntl(copy, F_SETFL, O_APPEND));
    file = dup(copy);
    ROW(O_RDWR | O_APPEND, 0, fcntl(file, F_GETFL));
}

static void duplicates(void) {
    ROW(3, 0, open(".", O_RDONLY));
    ROW(4, 0, dup(3));
    ROW(5, 0, dup(3));
    ROW(0, 0, close(4));
    ROW(4, 0, dup(3));
    ROW(9, 0, dup2(3, 9));
    ROW(9, 0, dup2(4, 9));
    ROW(3, 0, dup2(3, 3));
    ROW(-1, EBADF, dup(20));
    ROW(-1, EBADF, dup(-1));
    ROW(-1, EBADF, dup(HANDLE_FIRST_POWER - 1));
    ROW(-1, EBADF, dup2(20, 9));
    ROW(-1, EBADF, dup2(20, 20));
    ROW(-1, EBADF, dup2(3, -1));
    ROW(-1, EBADF, dup2(3, DESCRIPTORS));
    ROW(10, 0, fcntl(3, F_DUPFD, 9));
    ROW(6, 0, fcntl(3, F_DUPFD, 0));
    ROW(-1, EBADF, fcntl(20, F_DUPFD, 0));
    ROW(-1, EINVAL, fcntl(3, F_DUPFD, -1));
    ROW(-1, EINVAL, fcntl(3, F_DUPFD, DESCRIPTORS));
    ROW(-1, EINVAL, fcntl(3, 12345));
    ROW(-1, EBADF, fcntl(20, F_GETFL));
}

static void close_on_exec(void) {
    ROW(3, 0, open(".", O_RDONLY));
    ROW(0, 0, fcntl(3, F_GETFD));
    ROW(0, 0, fcntl(3, F_SETFD, FD_CLOEXEC));
    ROW(FD_CLOEXEC, 0, fcntl(3, F_GETFD));
    ROW(4, 0, dup(3));
    ROW(0, 0, fcntl(4, F_GETFD));
    ROW(5, 0, dup2(3, 5));
    ROW(0, 0, fcntl(5, F_GETFD));
    ROW(3, 0, dup2(3, 3));
    ROW(FD_CLOEXEC, 0, fcntl(3, F_GETFD));
    ROW(6, 0, fcntl(3, F_DUPFD_CLOEXEC, 0));
    ROW(FD_CLOEXEC, 0, fcntl(6, F_GETFD));
    ROW(0, 0, fcntl(6, F_SETFD, 0));
    ROW(0, 0, fcntl(6, F_GETFD));
    ROW(7, 0, open(".", O_RDONLY | O_CLOEXEC));
    ROW(FD_CLOEXEC, 0, fcntl(7, F_GETFD));
    ROW(-1, EBADF, fcntl(20, F_GETFD));
    ROW(-1, EBADF, fcntl(20, F_SETFD, 0));
}

/* ---- Names ---- */

static void names_link(void) {
    ROW(0, 0, file_put("a", "text"));
    ROW(0, 0, mkdir("folder", 0755));
    ROW(1, 0, links_of("a"));
    ROW(0, 0, link("a", "folder/b"));
    ROW(2, 0, links_of("a"));
    ROW(1, 0, file_is("folder/b", "text"));
    ROW(0, 0, file_put("folder/b", "other"));
    ROW(1, 0, file_is("a", "other"));
    ROW(-1, EEXIST, link("a", "folder/b"));
    ROW(-1, EEXIST, link("a", "folder"));
    ROW(-1, ENOENT, link("none", "c"));
    ROW(-1, ENOENT, link("a", "none/c"));
    ROW(-1, ENOTDIR, link("a", "a/c"));
    ROW(-1, ENOENT, link("a", "c/"));
    ROW(-1, EPERM, link("folder", "c"));
    ROW(0, 0, unlink("a"));
    ROW(1, 0, links_of("folder/b"));
    ROW(-1, ENOENT, unlink("a"));
    ROW(-1, EISDIR, unlink("folder"));
    ROW(-1, ENOTDIR, unlink("folder/b/c"));
    ROW(-1, ENOENT, unlink(""));
}

static void unlinked_and_open(void) {
    struct stat status;
    ROW(0, 0, file_put("f", "abc"));
    file = open("f", O_RDWR);
    ROW(0, 0, unlink("f"));
    ROW(-1, ENOENT, open("f", O_RDONLY));
    ROW(3, 0, lseek(file, 0, SEEK_END));
    ROW(3, 0, write(file, "def", 3));
    ROW(0, 0, fstat(file, &status));
    ROW(0, 0, status.st_nlink);
    ROW(6, 0, status.st_size);
    ROW(0, 0, file_put("f", "new"));
    ROW(0, 0, lseek(file, 0, SEEK_SET));
    ROW(1, 0, next_is(file, "abcdef"));
    ROW(1, 0, file_is("f", "new"));
}

static void names_rename(void) {
    ROW(0, 0, file_put("a", "A"));
    ROW(0, 0, file_put("b", "B"));
    file = open("b", O_RDONLY);
    ROW(0, 0, rename("a", "b"));
    ROW(-1, ENOENT, size_of("a"));
    ROW(1, 0, file_is("b", "A"));
    ROW(1, 0, next_is(file, "B"));
    ROW(0, 0, rename("b", "b"));
    ROW(0, 0, link("b", "c"));
    ROW(0, 0, rename("b", "c"));
    ROW(2, 0, links_of("b"));
    ROW(-1, ENOENT, rename("none", "c"));
    ROW(-1, ENOENT, rename("b", "none/c"));
    ROW(-1, ENOTDIR, rename("b", "c/d"));
    ROW(-1, ENOENT, rename("b", ""));
    ROW(1, 0, file_is("b", "A"));
}

static void directories_rename(void) {
    ROW(0, 0, file_put("a", "A"));
    ROW(0, 0, mkdir("d", 0755));
    ROW(0, 0, mkdir("d/in", 0755));
    ROW(0, 0, mkdir("e", 0755));
    ROW(-1, EISDIR, rename("a", "d"));
    ROW(-1, ENOTDIR, rename("d", "a"));
    ROW(-1, ENOTEMPTY, rename("e", "d"));
    ROW(-1, EINVAL, rename("d", "d/in/d"));
    ROW(-1, EINVAL, rename("d", "d/in"));
    ROW(-1, EINVAL, rename("d/.", "f"));
    ROW(-1, EINVAL, rename("a", "d/.."));
    ROW(-1, EBUSY, rename("/", "f"));
    ROW(0, 0, rename("d/in", "e"));
    ROW(0, 0, rename("e", "d/e/"));
    ROW(0, 0, chdir("d/e"));
    ROW(1, 0, strcmp(getcwd(bytes, sizeof bytes), "/tmp/posix/d/e") == 0);
    ROW(0, 0, chdir("../.."));
    ROW(1, 0, file_is("d/e/../../a", "A"));
    ROW(-1, ENOTDIR, rename("a", "f/"));
}

static void directories(void) {
    ROW(0, 0, mkdir("d", 0777));
    ROW(0755, 0, mode_of("d"));
    ROW(0, 0, mkdir("d/e/", 0700));
    ROW(-1, EEXIST, mkdir("d", 0777));
    ROW(-1, EEXIST, mkdir("/", 0777));
    ROW(-1, ENOENT, mkdir("none/e", 0777));
    ROW(-1, ENOENT, mkdir("", 0777));
    ROW(0, 0, file_put("f", ""));
    ROW(-1, EEXIST, mkdir("f", 0777));
    ROW(-1, ENOTDIR, mkdir("f/e", 0777));
    ROW(-1, ENAMETOOLONG, mkdir(long_name(NAME_MAX + 1), 0777));
    ROW(-1, ENOTEMPTY, rmdir("d"));
    ROW(-1, ENOTDIR, rmdir("f"));
    ROW(-1, ENOENT, rmdir("none"));
    ROW(-1, EINVAL, rmdir("d/."));
    ROW(-1, EBUSY, rmdir("/"));
    ROW(0, 0, rmdir("d/e/"));
    ROW(0, 0, rmdir("d"));
    ROW(-1, ENOENT, rmdir("d"));
}

static void child_chdir(long name) { CHECK_EQUAL(0, chdir((const char *)name)); }

static void current_directory(void) {
    ROW(0, 0, mkdir("d", 0755));
    ROW(0, 0, file_put("d/f", "text"));
    ROW(-1, ENOENT, chdir("none"));
    ROW(-1, ENOTDIR, chdir("d/f"));
    ROW(0, 0, child_run(child_chdir, (long)"d"));
    ROW(bytes, 0, getcwd(bytes, sizeof bytes));
    ROW(0, 0, strcmp(bytes, "/tmp/posix"));
    ROW(0, 0, chdir("d"));
    ROW(1, 0, file_is("f", "text"));
    ROW(bytes, 0, getcwd(bytes, sizeof "/tmp/posix/d"));
    ROW(0, 0, strcmp(bytes, "/tmp/posix/d"));
    ROW(0, ERANGE, getcwd(bytes, sizeof "/tmp/posix/d" - 1));
    ROW(0, EINVAL, getcwd(bytes, 0));
    ROW(0, 0, chdir(".."));
    file = open("d", O_RDONLY);
    ROW(0, 0, fchdir(file));
    ROW(0, 0, unlink("f"));
    ROW(0, 0, rmdir("../d"));
    ROW(0, ENOENT, getcwd(bytes, sizeof bytes));
    ROW(-1, ENOENT, open("f", O_WRONLY | O_CREAT, 0600));
    ROW(0, 0, chdir("/"));
    ROW(bytes, 0, getcwd(bytes, sizeof bytes));
    ROW(0, 0, strcmp(bytes, "/"));
    ROW(0, 0, chdir("../tmp/./posix//"));
}

static long entries_count(DIR *directory) {
    long n = 0;
    while (readdir(directory))
        n++;
    return n;
}

static void directory_streams(void) {
    struct dirent *entry;
    ROW(0, ENOENT, opendir("none"));
    ROW(0, 0, file_put("1", ""));
    ROW(0, ENOTDIR, opendir("1"));
    ROW(0, 0, file_put("2", ""));
    ROW(0, 0, mkdir("3", 0755));
    DIR *directory = opendir(".");
    ROW(3, 0, dirfd(directory));
    ROW(FD_CLOEXEC, 0, fcntl(3, F_GETFD));
    ROW(3, 0, entries_count(directory));
    errno = EDOM;
    CHECK(!readdir(directory));
    CHECK_EQUAL(EDOM, errno);
    rewinddir(directory);
    entry = readdir(directory);
    ROW('1', 0, entry ? entry->d_name[0] : 0);
    ROW(DT_REG, 0, entry ? entry->d_type : 0);
    long place = telldir(directory);
    ROW(2, 0, entries_count(directory));
    seekdir(directory, place);
    ROW(0, 0, unlink("2"));
    entry = readdir(directory);
    ROW('3', 0, entry ? entry->d_name[0] : 0);
    ROW(DT_DIR, 0, entry ? entry->d_type : 0);
    ROW(0, 0, closedir(directory));
    ROW(-1, EBADF, close(3));
}

static void statuses(void) {
    struct stat a, b;
    int ends[2];
    ROW(0, 0, file_put("f", "abc"));
    ROW(0, 0, link("f", "g"));
    ROW(0, 0, chmod("f", 0640));
    ROW(0, 0, stat("f", &a));
    ROW(S_IFREG | 0640, 0, a.st_mode);
    ROW(2, 0, a.st_nlink);
    ROW(3, 0, a.st_size);
    file = open("g", O_RDONLY);
    ROW(0, 0, fstat(file, &b));
    ROW(1, 0, a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    ROW(0, 0, stat(".", &b));
    ROW(1, 0, S_ISDIR(b.st_mode) && a.st_ino != b.st_ino);
    ROW(0, 0, pipe(ends));
    ROW(0, 0, fstat(ends[0], &b));
    ROW(1, 0, S_ISFIFO(b.st_mode));
    ROW(-1, ENOENT, stat("none", &b));
    ROW(-1, ENOENT, stat("", &b));
    ROW(-1, ENOTDIR, stat("f/", &b));
    ROW(-1, EBADF, fstat(20, &b));
    ROW(-1, ENOENT, access("none", F_OK));
    ROW(0, 0, access("f", R_OK | W_OK));
    ROW(-1, EACCES, access("f", X_OK));
    ROW(0, 0, chmod("f", 0755));
    ROW(0, 0, access("f", X_OK));
}

static void null_file(void) {
    struct stat status;
    file = open("/dev/null", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ROW(3, 0, write(file, "abc", 3));
    ROW(0, 0, lseek(file, 0, SEEK_SET));
    ROW(0, 0, read(file, bytes, sizeof bytes));
    ROW(0, 0, fstat(file, &status));
    ROW(S_IFCHR | 0666, 0, status.st_mode);
    ROW(0, 0, status.st_size);
    ROW(-1, EINVAL, ftruncate(file, 5));
    ROW(0, ENOTTY, isatty(file));
    ROW(-1, EACCES, execl("/dev/null", "null", (char *)NULL));
    ROW(-1, ENOTDIR, open("/dev/null/x", O_RDONLY));
}

static void terminals(void) {
    int ends[2];
    ROW(0, 0, pipe(ends));
    ROW(0, 0, file_put("f", ""));
    file = open("f", O_RDONLY);
    ROW(1, 0, isatty(0));
    ROW(0, ENOTTY, isatty(file));
    ROW(0, ENOTTY, isatty(ends[0]));
    ROW(0, EBADF, isatty(20));
    ROW(-1, ESPIPE, lseek(0, 0, SEEK_CUR));
    ROW(-1, EINVAL, ftruncate(0, 0));
}

/* Each in a directory of its own. */
#define IN_A_FOLDER(name)                                                                          \
    static void test_##name(void) {                                                                \
        folder_enter();                                                                            \
        name();                                                                                    \
        folder_leave();                                                                            \
    }
IN_A_FOLDER(open_refuses)
IN_A_FOLDER(open_makes)
IN_A_FOLDER(read_and_write)
IN_A_FOLDER(seek)
IN_A_FOLDER(at_an_offset)
IN_A_FOLDER(append)
IN_A_FOLDER(truncation)
IN_A_FOLDER(offsets)
IN_A_FOLDER(duplicates)
IN_A_FOLDER(close_on_exec)
IN_A_FOLDER(names_link)
IN_A_FOLDER(unlinked_and_open)
IN_A_FOLDER(names_rename)
IN_A_FOLDER(directories_rename)
IN_A_FOLDER(directories)
IN_A_FOLDER(current_directory)
IN_A_FOLDER(directory_streams)
IN_A_FOLDER(statuses)
IN_A_FOLDER(terminals)

static const struct test file_tests[] = {
    {"open_refuses", "what cannot be opened is refused and makes nothing", test_open_refuses},
    {"open_makes", "open gives the lowest descriptor, makes, empties and masks", test_open_makes},
    {"descriptors_end", "when all descriptors are taken, EMFILE", descriptors_end},
    {"read_and_write", "bytes come back, the end is 0, what is refused moves nothing",
     test_read_and_write},
    {"seek", "the offset goes where it is sent; a hole reads as zeros", test_seek},
    {"at_an_offset", "pread and pwrite leave the offset alone", test_at_an_offset},
    {"append", "with O_APPEND every write is at the end of that moment", test_append},
    {"truncation", "a file cut and grown again has zeros there", test_truncation},
    {"offsets", "dup and fork share the offset, a second open does not", test_offsets},
    {"duplicates", "dup takes the lowest, dup2 the one named, F_DUPFD from one on",
     test_duplicates},
    {"close_on_exec", "close-on-exec is the descriptor's own", test_close_on_exec},
    {"names_link", "two names are one file, and the last to go ends it", test_names_link},
    {"unlinked_and_open", "a file without a name lives while it is open", test_unlinked_and_open},
    {"names_rename", "rename replaces at once, and what was open stays", test_names_rename},
    {"directories_rename", "directories move with what is in them, and not into themselves",
     test_directories_rename},
    {"directories", "mkdir and rmdir: only what is new is made, only what is empty goes",
     test_directories},
    {"current_directory", "each process has its own current directory", test_current_directory},
    {"directory_streams", "a directory is read entry by entry, while others go",
     test_directory_streams},
    {"statuses", "stat tells kind, links, size and rights", test_statuses},
    {"null_file", "/dev/null takes all and has nothing", null_file},
    {"terminals", "only the console is a terminal", test_terminals},
    {0},
};
const struct test *const suites[] = {file_tests, NULL};
