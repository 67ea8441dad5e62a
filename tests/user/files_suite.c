/* The RAM file system as programs see it: result, errno and effect of the POSIX calls.
 *
 * Each test works in a directory of its own, which is empty again at its end: so the ledger of
 * frames also finds what the file server has forgotten to free. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define HOME "/tmp/files"

#define EXPECT_ERRNO(error, call)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK_EQUAL(-1, call);                                                                     \
        CHECK_EQUAL(error, errno);                                                                 \
    } while (0)

static void begin(void) {
    CHECK_EQUAL(0, mkdir(HOME, 0755));
    CHECK_EQUAL(0, chdir(HOME));
}

static void end(void) {
    CHECK_EQUAL(0, chdir("/"));
    CHECK_EQUAL(0, rmdir(HOME));
}

/* => a new file with these bytes, open for both at its start */
static int file_make(const char *name, const char *content) {
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0644);
    CHECK(file >= 0);
    CHECK_EQUAL(strlen(content), write(file, content, strlen(content)));
    CHECK_EQUAL(0, lseek(file, 0, SEEK_SET));
    return file;
}

static void file_create(const char *name, const char *content) {
    CHECK_EQUAL(0, close(file_make(name, content)));
}

/* => whether the bytes from the file's offset on are these and no more */
static bool file_holds(int file, const char *content) {
    char bytes[64];
    ssize_t n = read(file, bytes, sizeof bytes);
    return n == (ssize_t)strlen(content) && memcmp(bytes, content, (size_t)n) == 0;
}

static bool name_holds(const char *name, const char *content) {
    int file = open(name, O_RDONLY);
    bool holds = file >= 0 && file_holds(file, content);
    CHECK(file < 0 || close(file) == 0);
    return holds;
}

static off_t size_of(int file) {
    struct stat status;
    CHECK_EQUAL(0, fstat(file, &status));
    return status.st_size;
}

static nlink_t links_of(const char *name) {
    struct stat status;
    CHECK_EQUAL(0, stat(name, &status));
    return status.st_nlink;
}

/* ---- Open ---- */

static void open_flags(void) {
    begin();
    EXPECT_ERRNO(ENOENT, open("a", O_RDONLY));
    EXPECT_ERRNO(ENOENT, open("a", O_RDWR | O_TRUNC));
    file_create("a", "hello");
    EXPECT_ERRNO(EEXIST, open("a", O_RDWR | O_CREAT | O_EXCL, 0644));
    EXPECT_ERRNO(ENOTDIR, open("a", O_RDONLY | O_DIRECTORY));
    EXPECT_ERRNO(EINVAL, open("a", O_ACCMODE));
    CHECK(name_holds("a", "hello"));
    int file = open("a", O_RDONLY);
    EXPECT_ERRNO(EBADF, write(file, "x", 1));
    EXPECT_ERRNO(EINVAL, ftruncate(file, 0));
    CHECK_EQUAL(0, close(file));
    file = open("a", O_WRONLY);
    char byte;
    EXPECT_ERRNO(EBADF, read(file, &byte, 1));
    CHECK_EQUAL(0, close(file));
    file = open("a", O_WRONLY | O_APPEND);
    CHECK_EQUAL(1, write(file, "!", 1));
    CHECK_EQUAL(6, lseek(file, 0, SEEK_CUR));
    CHECK_EQUAL(0, close(file));
    CHECK(name_holds("a", "hello!"));
    file = open("a", O_RDWR | O_TRUNC | O_CREAT, 0644);
    CHECK_EQUAL(0, size_of(file));
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

static void directories_are_not_files(void) {
    char byte;
    begin();
    EXPECT_ERRNO(EISDIR, open(HOME, O_WRONLY));
    EXPECT_ERRNO(EISDIR, open(HOME, O_RDWR));
    EXPECT_ERRNO(EISDIR, open(HOME, O_RDONLY | O_CREAT, 0644));
    EXPECT_ERRNO(EISDIR, unlink(HOME));
    int directory = open(HOME, O_RDONLY);
    EXPECT_ERRNO(EISDIR, read(directory, &byte, 1));
    EXPECT_ERRNO(EBADF, write(directory, &byte, 1));
    EXPECT_ERRNO(EINVAL, ftruncate(directory, 0));
    CHECK_EQUAL(0, close(directory));
    end();
}

static void closed_descriptors(void) {
    char byte;
    struct stat status;
    static const int wrong[] = {-1, 77, INT_MAX, INT_MIN, HANDLE_ROOT, HANDLE_PIPE, 65535};
    for (size_t i = 0; i < array_length(wrong); i++) {
        EXPECT_ERRNO(EBADF, read(wrong[i], &byte, 1));
        EXPECT_ERRNO(EBADF, write(wrong[i], &byte, 1));
        EXPECT_ERRNO(EBADF, lseek(wrong[i], 0, SEEK_SET));
        EXPECT_ERRNO(EBADF, fstat(wrong[i], &status));
        EXPECT_ERRNO(EBADF, close(wrong[i]));
        EXPECT_ERRNO(EBADF, dup(wrong[i]));
        EXPECT_ERRNO(EBADF, dup2(wrong[i], 5));
        EXPECT_ERRNO(EBADF, fcntl(wrong[i], F_GETFD));
    }
    EXPECT_ERRNO(EBADF, dup2(1, -1));
    EXPECT_ERRNO(EBADF, dup2(1, HANDLE_CURRENT));
}

/* ---- Reading and writing ---- */

static void offsets(void) {
    begin();
    int file = file_make("a", "0123456789");
    CHECK_EQUAL(4, lseek(file, 4, SEEK_SET));
    CHECK_EQUAL(6, lseek(file, 2, SEEK_CUR));
    CHECK_EQUAL(7, lseek(file, -3, SEEK_END));
    CHECK(file_holds(file, "789"));
    CHECK_EQUAL(10, lseek(file, 0, SEEK_CUR));
    EXPECT_ERRNO(EINVAL, lseek(file, -1, SEEK_SET));
    EXPECT_ERRNO(EINVAL, lseek(file, -11, SEEK_CUR));
    EXPECT_ERRNO(EOVERFLOW, lseek(file, INT64_MAX, SEEK_END));
    EXPECT_ERRNO(EINVAL, lseek(file, 0, 17));
    CHECK_EQUAL(10, lseek(file, 0, SEEK_CUR));
    CHECK_EQUAL(0, read(file, &(char){0}, 1));
    char two[2];
    CHECK_EQUAL(2, pread(file, two, 2, 3));
    CHECK(two[0] == '3' && two[1] == '4');
    CHECK_EQUAL(2, pwrite(file, "xy", 2, 0));
    EXPECT_ERRNO(EINVAL, pread(file, two, 2, -1));
    EXPECT_ERRNO(EINVAL, pwrite(file, two, 2, -1));
    CHECK_EQUAL(10, lseek(file, 0, SEEK_CUR)); /* those did not move it */
    CHECK_EQUAL(0, pread(file, two, 2, 10));
    CHECK_EQUAL(0, pread(file, two, 2, INT64_MAX));
    CHECK_EQUAL(0, write(file, "", 0));
    CHECK(name_holds("a", "xy23456789"));
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

static void moves_offset(long file) {
    CHECK_EQUAL(2, lseek((int)file, 0, SEEK_CUR));
    CHECK_EQUAL(3, write((int)file, "abc", 3));
}

static void offsets_are_shared(void) {
    begin();
    int file = file_make("a", "0123456789"), other = open("a", O_RDONLY), twin = dup(file);
    CHECK_EQUAL(2, lseek(file, 2, SEEK_SET));
    CHECK_EQUAL(0, child_run(moves_offset, twin));
    CHECK_EQUAL(5, lseek(file, 0, SEEK_CUR));
    CHECK_EQUAL(0, close(file));
    CHECK(file_holds(twin, "56789"));
    CHECK_EQUAL(0, lseek(other, 0, SEEK_CUR)); /* opened by itself */
    CHECK(file_holds(other, "01abc56789"));
    CHECK_EQUAL(0, close(twin));
    CHECK_EQUAL(0, close(other));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

/* Two processes append in turn, with descriptors of their own: nothing is overwritten. */
static void appends(long letter) {
    int file = open("log", O_WRONLY | O_APPEND);
    for (int i = 0; i < 50; i++) {
        CHECK_EQUAL(1, write(file, &(char){(char)letter}, 1));
        (void)sys_yield();
    }
    CHECK_EQUAL(0, close(file));
}

static void appends_add_up(void) {
    char bytes[200];
    int count[2] = {0};
    begin();
    int file = file_make("log", "");
    int first = child_start(appends, 'a'), second = child_start(appends, 'b');
    CHECK_EQUAL(0, child_wait(first));
    CHECK_EQUAL(0, child_wait(second));
    CHECK_EQUAL(100, read(file, bytes, sizeof bytes));
    for (int i = 0; i < 100; i++)
        count[bytes[i] == 'b']++;
    CHECK(count[0] == 50 && count[1] == 50);
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("log"));
    end();
}

/* ---- Sizes ---- */

static bool all_zero(const char *bytes, size_t nbytes) {
    for (size_t i = 0; i < nbytes; i++)
        if (bytes[i])
            return false;
    return true;
}

static void holes_are_zero(void) {
    static char bytes[3 * PAGE];
    begin();
    int file = file_make("a", "xxxxxxxx");
    CHECK_EQUAL(0, ftruncate(file, 3));
    CHECK_EQUAL(0, ftruncate(file, 3 * PAGE)); /* what was cut off does not come back */
    CHECK_EQUAL(3 * PAGE, pread(file, bytes, sizeof bytes, 0));
    CHECK(bytes[2] == 'x' && all_zero(bytes + 3, sizeof bytes - 3));
    CHECK_EQUAL(1, pwrite(file, "y", 1, 3 * PAGE + 100));
    CHECK_EQUAL(3 * PAGE + 101, size_of(file));
    CHECK_EQUAL(101, pread(file, bytes, sizeof bytes, 3 * PAGE));
    CHECK(all_zero(bytes, 100) && bytes[100] == 'y');
    CHECK_EQUAL(7, lseek(file, 7, SEEK_END) - size_of(file));
    CHECK_EQUAL(3 * PAGE + 101, size_of(file)); /* seeking alone makes nothing longer */
    EXPECT_ERRNO(EINVAL, ftruncate(file, -1));
    CHECK_EQUAL(0, truncate("a", 1));
    CHECK(name_holds("a", "x"));
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

static char value_at(size_t i) { return (char)(i * 131 + i / PAGE); }

/* Pieces of odd lengths, written and read at odd places. */
static void big_file(void) {
    static char bytes[50001];
    size_t total = 2000000;
    begin();
    int file = file_make("big", "");
    for (size_t at = 0; at < total;) {
        size_t part = sizeof bytes < total - at ? sizeof bytes : total - at;
        for (size_t i = 0; i < part; i++)
            bytes[i] = value_at(at + i);
        CHECK_EQUAL(part, write(file, bytes, part));
        at += part;
    }
    CHECK_EQUAL(total, size_of(file));
    size_t wrong = 0;
    for (size_t at = 12345; at < total; at += 77777) {
        ssize_t n = pread(file, bytes, 7919, (off_t)at);
        CHECK_EQUAL(total - at < 7919 ? total - at : 7919, n);
        for (ssize_t i = 0; i < n; i++)
            wrong += bytes[i] != value_at(at + (size_t)i);
    }
    CHECK_EQUAL(0, wrong);
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("big"));
    end();
}

static void run_true(long ignored) {
    (void)ignored;
    CHECK_EQUAL(0, execl("/bin/true", "true", NULL));
}

static void full_file_system(void) {
    static char bytes[65536];
    begin();
    file_create("kept", "here");
    int file = file_make("full", ""), other = file_make("other", "");
    off_t size = 0;
    for (size_t part = sizeof bytes; part > 0; part /= 2)
        while (write(file, bytes, part) == (ssize_t)part)
            size += (off_t)part;
    EXPECT_ERRNO(ENOSPC, write(file, bytes, 1));
    EXPECT_ERRNO(ENOSPC, pwrite(file, bytes, 1, size + 10 * PAGE));
    EXPECT_ERRNO(ENOSPC, ftruncate(file, (off_t)1 << 39));
    EXPECT_ERRNO(EFBIG, ftruncate(file, INT64_MAX));
    EXPECT_ERRNO(EFBIG, pwrite(file, bytes, 1, INT64_MAX));
    CHECK_EQUAL(size, size_of(file));
    EXPECT_ERRNO(ENOSPC, write(other, "x", 1));
    CHECK_EQUAL(0, size_of(other));
    CHECK(name_holds("kept", "here"));
    CHECK_EQUAL(STATUS_EXITED(0), child_run(run_true, 0)); /* programs still start */
    CHECK_EQUAL(0, ftruncate(file, size - 2 * PAGE));
    CHECK_EQUAL(1, write(other, "x", 1)); /* there is room again */
    CHECK_EQUAL(0, close(other));
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("full"));
    CHECK_EQUAL(0, unlink("other"));
    CHECK_EQUAL(0, unlink("kept"));
    end();
}

/* ---- Names ---- */

static void links(void) {
    begin();
    file_create("a", "one");
    CHECK_EQUAL(1, links_of("a"));
    CHECK_EQUAL(0, link("a", "b"));
    CHECK_EQUAL(2, links_of("a"));
    EXPECT_ERRNO(EEXIST, link("a", "b"));
    EXPECT_ERRNO(ENOENT, link("none", "c"));
    EXPECT_ERRNO(EPERM, link(HOME, "c"));
    EXPECT_ERRNO(ENOENT, link("a", "none/c"));
    CHECK_EQUAL(0, unlink("a"));
    CHECK(name_holds("b", "one"));
    CHECK_EQUAL(1, links_of("b"));
    EXPECT_ERRNO(ENOENT, unlink("a"));
    CHECK_EQUAL(0, unlink("b"));
    end();
}

static void reads_unlinked(long file) { CHECK(file_holds((int)file, "still here")); }

/* The file lives while somebody has it open, and its frames come back when nobody has. */
static void unlinked_files_live(void) {
    begin();
    int file = file_make("a", "still here");
    CHECK_EQUAL(0, unlink("a"));
    EXPECT_ERRNO(ENOENT, open("a", O_RDONLY));
    struct stat status;
    CHECK_EQUAL(0, fstat(file, &status));
    CHECK_EQUAL(0, status.st_nlink);
    CHECK_EQUAL(0, child_run(reads_unlinked, file));
    CHECK_EQUAL(0, ftruncate(file, 1000 * PAGE));
    for (int i = 0; i < 1000; i++)
        CHECK_EQUAL(1, pwrite(file, "x", 1, i * PAGE));
    size_t before = frames_free();
    CHECK_EQUAL(0, close(file));
    servers_settle();
    CHECK(frames_free() >= before + 1000);
    end();
}

static void renames(void) {
    begin();
    file_create("a", "one");
    file_create("b", "two");
    CHECK_EQUAL(0, mkdir("d", 0755));
    CHECK_EQUAL(0, mkdir("e", 0755));
    CHECK_EQUAL(0, rename("a", "b")); /* replaces */
    CHECK(name_holds("b", "one"));
    EXPECT_ERRNO(ENOENT, rename("a", "c"));
    EXPECT_ERRNO(ENOENT, rename("b", "none/c"));
    EXPECT_ERRNO(EISDIR, rename("b", "d"));
    EXPECT_ERRNO(ENOTDIR, rename("d", "b"));
    EXPECT_ERRNO(EINVAL, rename("d", "d/d"));
    EXPECT_ERRNO(EINVAL, rename("d", "d/x"));
    EXPECT_ERRNO(ENOTDIR, rename("d", "b/x"));
    CHECK_EQUAL(0, rename("b", "b"));
    CHECK_EQUAL(0, rename("b", "d/c"));
    CHECK(name_holds("d/c", "one"));
    EXPECT_ERRNO(ENOTEMPTY, rename("e", "d"));
    CHECK_EQUAL(0, rename("d", "e")); /* an empty directory can be replaced */
    CHECK(name_holds("e/c", "one"));
    CHECK(name_holds("e/../e/./c", "one"));
    CHECK_EQUAL(0, link("e/c", "e/f"));
    CHECK_EQUAL(0, rename("e/c", "e/f")); /* two names of one file: nothing happens */
    CHECK_EQUAL(2, links_of("e/c"));
    CHECK_EQUAL(0, unlink("e/c"));
    CHECK_EQUAL(0, unlink("e/f"));
    CHECK_EQUAL(0, rmdir("e"));
    end();
}

static void longest_paths(void) {
    static char from[PATH_MAX], to[PATH_MAX];
    begin();
    memset(from, '/', PATH_MAX - 1);
    memset(to, '/', PATH_MAX - 1);
    memcpy(from, HOME, strlen(HOME));
    memcpy(to, HOME, strlen(HOME));
    from[PATH_MAX - 2] = 'a';
    to[PATH_MAX - 2] = 'b';
    file_create("a", "text");
    CHECK_EQUAL(0, rename(from, to));
    CHECK_EQUAL(0, link(to, from));
    CHECK_EQUAL(0, unlink("a"));
    CHECK_EQUAL(0, unlink("b"));
    end();
}

static void path_errors(void) {
    static char longest[256 + 1], path[PATH_MAX + 1];
    struct stat status;
    begin();
    file_create("a", "");
    memset(longest, 'n', 256);
    EXPECT_ERRNO(ENAMETOOLONG, open(longest, O_RDWR | O_CREAT, 0644));
    longest[255] = 0;
    file_create(longest, "x");
    CHECK_EQUAL(0, unlink(longest));
    memset(path, '/', PATH_MAX);
    EXPECT_ERRNO(ENAMETOOLONG, stat(path, &status));
    path[PATH_MAX - 1] = 0;
    CHECK_EQUAL(0, stat(path, &status)); /* many slashes are one */
    EXPECT_ERRNO(ENOENT, open("", O_RDONLY));
    EXPECT_ERRNO(ENOENT, stat("", &status));
    EXPECT_ERRNO(ENOENT, mkdir("", 0755));
    EXPECT_ERRNO(ENOTDIR, stat("a/", &status));
    EXPECT_ERRNO(ENOTDIR, stat("a/b", &status));
    EXPECT_ERRNO(ENOTDIR, open("a/b", O_RDWR | O_CREAT, 0644));
    EXPECT_ERRNO(ENOENT, stat("none/..", &status));
    EXPECT_ERRNO(ENOENT, open("new/", O_RDWR | O_CREAT, 0644));
    EXPECT_ERRNO(ENOENT, link("a", "new/"));
    EXPECT_ERRNO(ENOTDIR, rename("a", "new/"));
    EXPECT_ERRNO(ENOENT, stat("new", &status));
    CHECK_EQUAL(0, stat("/../../..", &status));
    CHECK(S_ISDIR(status.st_mode));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

static void directories(void) {
    begin();
    CHECK_EQUAL(0, mkdir("d/", 0755));
    EXPECT_ERRNO(EEXIST, mkdir("d", 0755));
    EXPECT_ERRNO(EEXIST, mkdir(".", 0755));
    EXPECT_ERRNO(ENOENT, mkdir("none/d", 0755));
    EXPECT_ERRNO(ENOENT, rmdir("none"));
    EXPECT_ERRNO(EBUSY, rmdir("/"));
    EXPECT_ERRNO(EINVAL, rmdir("d/."));
    file_create("d/a", "");
    EXPECT_ERRNO(ENOTEMPTY, rmdir("d"));
    EXPECT_ERRNO(ENOTDIR, rmdir("d/a"));
    EXPECT_ERRNO(ENOTDIR, chdir("d/a"));
    EXPECT_ERRNO(ENOENT, chdir("none"));
    CHECK_EQUAL(0, unlink("d/a"));
    CHECK_EQUAL(0, rmdir("d"));
    end();
}

static void current_directory(void) {
    char path[64];
    begin();
    CHECK_EQUAL(0, strcmp(HOME, getcwd(path, sizeof path)));
    CHECK_EQUAL(0, mkdir("d", 0755));
    CHECK_EQUAL(0, chdir("d"));
    CHECK_EQUAL(0, strcmp(HOME "/d", getcwd(path, sizeof path)));
    CHECK(!getcwd(path, strlen(HOME "/d")) && errno == ERANGE);
    CHECK_EQUAL(0, rename("../d", "../e"));
    CHECK_EQUAL(0, strcmp(HOME "/e", getcwd(path, sizeof path)));
    CHECK_EQUAL(0, rmdir("../e")); /* from inside */
    CHECK(!getcwd(path, sizeof path) && errno == ENOENT);
    EXPECT_ERRNO(ENOENT, open("a", O_RDWR | O_CREAT, 0644));
    EXPECT_ERRNO(ENOENT, mkdir("x", 0755));
    CHECK_EQUAL(0, chdir("/"));
    CHECK_EQUAL(0, strcmp("/", getcwd(path, sizeof path)));
    end();
}

#define NNAMES 300

/* Each name is told once, although others come and go meanwhile. */
static void reading_a_directory(void) {
    static char seen[NNAMES];
    char name[16];
    struct dirent *entry;
    begin();
    for (int i = 0; i < NNAMES; i++) {
        snprintf(name, sizeof name, "%d", i);
        file_create(name, "");
    }
    DIR *directory = opendir(".");
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CHECK_EQUAL(DT_REG, entry->d_type);
        seen[atoi(entry->d_name)]++;
        CHECK_EQUAL(0, unlink(entry->d_name));
    }
    for (int i = 0; i < NNAMES; i++)
        CHECK_EQUAL(1, seen[i]);
    rewinddir(directory);
    CHECK(!readdir(directory));
    CHECK_EQUAL(0, closedir(directory));
    end();
}

/* ---- Requests that no library would make ---- */

static void strange_requests(void) {
    static const long words[] = {-1, LONG_MIN, LONG_MAX, 0x100000000, 12345};
    static char bytes[5000];
    begin();
    int file = file_make("a", "kept");
    int handles[] = {file, HANDLE_CURRENT, HANDLE_ROOT};
    for (size_t h = 0; h < array_length(handles); h++)
        for (long operation = -1; operation < 25; operation++)
            for (size_t i = 0; i < array_length(words); i++) {
                if (operation == OP_CHMOD || operation == OP_SET_FLAGS)
                    continue;
                if (operation == OP_TRUNCATE && words[i] == 12345)
                    continue;
                long call[4] = {operation, words[i], words[i], words[i]};
                memset(bytes, 'x', sizeof bytes); /* a path without an end */
                long result = sys_call(handles[h], call, bytes, h ? sizeof bytes : 0, bytes, 0, 0);
                CHECK_EQUAL(0, result);
            }
    CHECK(name_holds("a", "kept"));
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("a"));
    end();
}

/* ---- No memory ---- */

#define NAMES 240

/* Whatever it finds no memory for is an errno: the server may not end for it. */
static void works_without_memory(void) {
    char name[24];
    int files[NAMES];
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "%d", i);
        files[i] = open(name, O_RDWR | O_CREAT, 0644);
        CHECK(files[i] >= 0 || errno == ENOSPC || errno == ENOMEM);
        if (files[i] >= 0)
            CHECK(write(files[i], name, 1) == 1 || errno == ENOSPC || errno == ENOMEM);
    }
    for (int i = 0; i < NAMES; i++)
        CHECK(files[i] < 0 || close(files[i]) == 0);
}

/* Names alone, until the server has no heap for another. */
static void directories_until_full(void) {
    char name[201];
    int n = 0;
    do
        snprintf(name, sizeof name, "%0200d", n);
    while (mkdir(name, 0755) == 0 && ++n < 100000);
    CHECK(errno == ENOSPC || errno == ENOMEM);
    while (n-- > 0) {
        snprintf(name, sizeof name, "%0200d", n);
        CHECK_EQUAL(0, rmdir(name));
    }
}

static void names_remove(void) {
    char name[24];
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "%d", i);
        CHECK(unlink(name) == 0 || errno == ENOENT);
    }
}

static void no_memory_left(void) {
    for (long nframes = 0; nframes < 20; nframes += 3) {
        begin();
        int eater = eater_start(nframes);
        int child = fork();
        if (child == 0) {
            works_without_memory();
            _exit(check_failures ? 1 : 0);
        }
        CHECK(child > 0 || errno == ENOMEM);
        int status = child_wait(child);
        CHECK(child < 0 || status == 0 || status == SIGNAL_KILL);
        works_without_memory();
        directories_until_full();
        eater_end(eater);
        names_remove();
        end();
    }
}

/* A file's pages that are mapped are shared with the server: to write or cut the file then needs
 * memory, and to remove it may not. */
static void no_memory_for_mapped_files(void) {
    begin();
    for (int way = 0; way < 3; way++) {
        static const char bytes[3 * PAGE] = "bytes";
        int file = open("file", O_RDWR | O_CREAT, 0644);
        CHECK_EQUAL(sizeof bytes, write(file, bytes, sizeof bytes));
        char *mapped = mmap(NULL, sizeof bytes, PROT_READ, MAP_PRIVATE, file, 0);
        CHECK(mapped != MAP_FAILED);
        int eater = eater_start(0);
        int result = way == 0   ? (int)pwrite(file, "b", 1, 0)
                     : way == 1 ? ftruncate(file, PAGE + 1)
                                : unlink("file");
        CHECK(way == 2 ? result == 0 : result == -1 && errno == ENOSPC);
        eater_end(eater);
        CHECK_EQUAL(sizeof bytes, size_of(file));
        CHECK_EQUAL(0, memcmp(mapped, bytes, sizeof bytes));
        CHECK(munmap(mapped, sizeof bytes) == 0 && close(file) == 0);
    }
    end();
}

static const struct test files_tests[] = {
    {"open_flags", "open does what its flags say", open_flags},
    {"directories_are_not_files", "a directory is neither read nor written",
     directories_are_not_files},
    {"closed_descriptors", "what is no descriptor is EBADF", closed_descriptors},
    {"offsets", "seek, read and write move the offset, pread and pwrite do not", offsets},
    {"offsets_are_shared", "fork and dup share the offset, open does not", offsets_are_shared},
    {"appends_add_up", "O_APPEND writes at the end, whoever else does", appends_add_up},
    {"holes_are_zero", "what was never written, or was cut off, reads as zeros", holes_are_zero},
    {"big_file", "a big file holds its bytes, at any place and length", big_file},
    {"full_file_system", "a full file system is ENOSPC, and everything goes on", full_file_system},
    {"links", "a file has as many names as links", links},
    {"unlinked_files_live", "a file without a name lives until its last close",
     unlinked_files_live},
    {"renames", "rename replaces what it may, and nothing else", renames},
    {"longest_paths", "two paths of the longest go with one request", longest_paths},
    {"path_errors", "each wrong path has its errno", path_errors},
    {"directories", "directories are made and removed", directories},
    {"current_directory", "the current directory follows renames and its end", current_directory},
    {"reading_a_directory", "each name is told once while others go", reading_a_directory},
    {"no_memory_left", "the file server survives that there is no memory", no_memory_left},
    {"no_memory_for_mapped_files", "no memory for a page of its own is a write's error",
     no_memory_for_mapped_files},
    {"strange_requests", "the file server survives requests that make no sense", strange_requests},
    {0},
};
const struct test *const suites[] = {files_tests, NULL};
