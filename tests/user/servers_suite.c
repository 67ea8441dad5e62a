/* Servers that keep what they should and no more: handles that come with requests, what clients
 * make them keep, and the rights that are not for everybody. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "tests/user/user.h"

/* Give away the writing end of a new pipe: its reader hears whether anybody has kept it. */
static long call_with_writer(int session, long operation, long word1) {
    int ends[2];
    char byte;
    CHECK_EQUAL(0, pipe(ends));
    long words[4] = {operation, word1, 0, ends[1]};
    CHECK_EQUAL(0, sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
    CHECK_EQUAL(0, read(ends[0], &byte, 1));
    CHECK_EQUAL(0, close(ends[0]));
    return words[0];
}

static void unwanted_handles(void) {
    CHECK_EQUAL(0, call_with_writer(HANDLE_ROOT, OP_FLAGS, 0));
    CHECK_EQUAL(-ENOSYS, call_with_writer(HANDLE_ROOT, -1, 0));
    CHECK_EQUAL(-ENOSYS, call_with_writer(HANDLE_PIPE, OP_FLAGS, 0));
    CHECK_EQUAL(1, call_with_writer(1, OP_ISATTY, 0));
    CHECK_EQUAL(-EPERM, call_with_writer(1, OP_FOREGROUND, 1));
}

/* What the shell keeps for itself. */
static void rights_of_the_shell(void) {
    long words[4] = {OP_FOREGROUND, 0};
    CHECK_EQUAL(-EBADF, sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, 0));
    CHECK_EQUAL(-EBADF, sys_power_off(HANDLE_POWER, 1));
    words[0] = OP_CLIENT;
    CHECK_EQUAL(0, sys_call(HANDLE_ROOT, words, NULL, 0, NULL, 0, 0));
    CHECK_EQUAL(-EPERM, words[0]);
    words[0] = OP_CLIENT;
    CHECK_EQUAL(0, sys_call(HANDLE_PIPE, words, NULL, 0, NULL, 0, 0));
    CHECK_EQUAL(-EPERM, words[0]);
}

/* ---- What clients may keep ---- */

/* => resident pages of the server, which has heard of all that was closed */
static size_t server_pages(const char *name) {
    struct process_info info;
    servers_settle();
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        if (strcmp(info.name, name) == 0)
            return info.pages;
    CHECK(false);
    return 0;
}

static long path_call(long operation, long word1, const char *path) {
    long words[4] = {operation, word1};
    long error = sys_call(HANDLE_ROOT, words, path, strlen(path) + 1, NULL, 0, 0);
    return error < 0 ? error : words[0];
}

#define COME_AND_GO 5000

static void directories_come_and_go(void) {
    size_t before = server_pages("ramfs");
    for (int i = 0; i < COME_AND_GO; i++) {
        CHECK_EQUAL(0, path_call(OP_MKDIR, 0700, "/tmp/come"));
        CHECK_EQUAL(0, path_call(OP_RMDIR, 0, "/tmp/come"));
    }
    CHECK(server_pages("ramfs") <= before + 2);
}

#define NAME_BYTES 250

static const char *name_of(long i) {
    static char path[sizeof "/tmp/many/" + NAME_BYTES];
    int length = sprintf(path, "/tmp/many/%ld", i);
    memset(path + length, 'n', sizeof path - 1 - (size_t)length);
    return path;
}

static void program_runs(const char *path, const char *argument) {
    int pid = fork(), status = -1;
    if (pid == 0) {
        execl(path, path, argument, NULL);
        _exit(127);
    }
    CHECK_EQUAL(pid, waitpid(pid, &status, 0));
    CHECK_EQUAL(0, status);
}

/* A file with no bytes in it, as large as it may be: little is left for anything else. */
static int file_large(void) {
    int file = open("/tmp/large", O_RDWR | O_CREAT, 0600);
    off_t size = 0;
    CHECK(file >= 0);
    for (off_t step = 1 << 30; step >= 1 << 20; step /= 2)
        if (ftruncate(file, size + step) == 0)
            size += step;
    return file;
}

/* Directories, which are nothing but names, until there may be no more. */
static void names_leave_room(void) {
    long n = 0;
    size_t before = server_pages("ramfs");
    int file = file_large();
    CHECK_EQUAL(0, path_call(OP_MKDIR, 0700, "/tmp/many"));
    while (path_call(OP_MKDIR, 0700, name_of(n)) == 0)
        n++;
    CHECK_EQUAL(-ENOSPC, path_call(OP_MKDIR, 0700, name_of(n)));
    CHECK(frames_free() > memory_now().frames_total / 4);
    program_runs("/bin/true", NULL);
    CHECK_EQUAL(0, close(file));
    program_runs("/bin/rm", "/tmp/large");
    for (long i = 0; i < n; i++)
        CHECK_EQUAL(0, path_call(OP_RMDIR, 0, name_of(i)));
    CHECK_EQUAL(0, path_call(OP_RMDIR, 0, "/tmp/many"));
    /* The table of names stays as large as it was once. */
    CHECK(server_pages("ramfs") <= before + 16 + (size_t)n * 16 / USER_PAGE_SIZE);
}

static int pipe_ends[2];

static void reads_pipe(long ignored) {
    char byte;
    (void)ignored;
    (void)read(pipe_ends[0], &byte, 1);
}

#define DEAD_READERS 400

static void dead_readers_are_forgotten(void) {
    char byte = 0;
    CHECK_EQUAL(0, pipe(pipe_ends));
    size_t before = server_pages("pipe");
    for (int i = 0; i < DEAD_READERS; i++) {
        int reader = child_start(reads_pipe, 0);
        process_wait_blocked(reader);
        CHECK_EQUAL(0, sys_kill(reader, SIGNAL_KILL));
        CHECK_EQUAL(SIGNAL_KILL, child_wait(reader));
    }
    CHECK(server_pages("pipe") <= before + 1);
    CHECK_EQUAL(1, write(pipe_ends[1], "x", 1));
    CHECK_EQUAL(1, read(pipe_ends[0], &byte, 1));
    CHECK_EQUAL('x', byte);
}

static const struct test servers_tests[] = {
    {"unwanted_handles", "a handle given with an operation that takes none is closed",
     unwanted_handles},
    {"rights_of_the_shell", "job control, power and new clients are the shell's alone",
     rights_of_the_shell},
    {"directories_come_and_go", "what is removed gives its memory back", directories_come_and_go},
    {"names_leave_room", "whoever makes names without end leaves memory, and programs start",
     names_leave_room},
    {"dead_readers_are_forgotten", "killed readers leave nothing behind and swallow nothing",
     dead_readers_are_forgotten},
    {0},
};
const struct test *const suites[] = {servers_tests, NULL};
