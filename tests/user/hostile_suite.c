/* Hostile clients: whatever a client says to a server, the server goes on as before.
 *
 * The clients are children that speak by raw calls. A victim is a session of a real server. After
 * each part all servers must answer sensible calls (servers_answer) and hold as many handles as
 * before; the frames and the audit are compared after each test, as always. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "lib/print.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define PLACE "/tmp/hostile"
#define OPERATIONS 41 /* those that there are, and many that are not */

/* ---- Calls ---- */

struct buffers {
    const void *out;
    size_t out_bytes;
    void *in;
    size_t in_bytes;
};

static const struct buffers no_buffers;

/* => the call's error, or the result that the server told; words: as of sys_call */
static long call(int session, long words[4], const struct buffers *with, unsigned flags) {
    long error =
        sys_call(session, words, with->out, with->out_bytes, with->in, with->in_bytes, flags);
    return error < 0 ? error : words[0];
}

static long operation(int session, long number, long word1, long word2,
                      const struct buffers *with) {
    long words[4] = {number, word1, word2};
    return call(session, words, with, 0);
}

/* ---- Victims ---- */

enum {
    ROOT,
    DIRECTORY,
    FILE_BOTH,
    FILE_READ,
    FILE_WRITE,
    NOTHING,
    PIPES,
    PIPE_READER,
    PIPE_PEN,
    CONTROL,
    TERMINAL_IN,
    TERMINAL_OUT,
    TERMINAL_ERROR,
    VICTIMS
};

static int victims[VICTIMS];

static int victim_open(const char *path, int flags) {
    int file = open(path, flags, 0600);
    CHECK(file >= 0);
    return file;
}

/* The pipe is empty and its ends do not wait. */
static void victims_open(void) {
    int ends[2] = {-1, -1};
    CHECK_EQUAL(0, pipe2(ends, O_NONBLOCK));
    CHECK_EQUAL(0, mkdir(PLACE, 0700));
    victims[ROOT] = HANDLE_ROOT;
    victims[DIRECTORY] = victim_open(PLACE, O_RDONLY);
    victims[FILE_BOTH] = victim_open(PLACE "/file", O_RDWR | O_CREAT);
    victims[FILE_READ] = victim_open(PLACE "/file", O_RDONLY);
    victims[FILE_WRITE] = victim_open(PLACE "/file", O_WRONLY);
    victims[NOTHING] = victim_open("/dev/null", O_RDWR);
    victims[PIPES] = HANDLE_PIPE;
    victims[PIPE_READER] = ends[0];
    victims[PIPE_PEN] = ends[1];
    victims[CONTROL] = HANDLE_CONSOLE;
    for (int number = 0; number <= 2; number++)
        victims[TERMINAL_IN + number] = number;
    CHECK_EQUAL(10, write(victims[FILE_BOTH], "0123456789", 10));
}

/* ---- Servers that go on ---- */

/* One call that makes sense to each, and its right answer. */
static void servers_answer(void) {
    static struct protocol_stat status;
    const struct buffers path = {"/tmp", sizeof "/tmp", &status, sizeof status};
    int ends[2];
    char byte = 0;
    CHECK_EQUAL(0, operation(HANDLE_ROOT, OP_STAT_PATH, 0, 0, &path));
    CHECK(S_ISDIR(status.mode));
    CHECK_EQUAL(0, pipe(ends));
    CHECK_EQUAL(1, write(ends[1], "p", 1));
    CHECK_EQUAL(1, read(ends[0], &byte, 1));
    CHECK_EQUAL('p', byte);
    CHECK_EQUAL(0, close(ends[0]));
    CHECK_EQUAL(0, close(ends[1]));
    CHECK_EQUAL(1, operation(1, OP_ISATTY, 0, 0, &no_buffers));
}

struct servers {
    uint32_t handles[3];
};

/* How many handles each server has, once it has heard of all that was closed. */
static struct servers servers_now(void) {
    static const char *const names[] = {"ramfs", "pipe", "console"};
    struct servers now = {{0}};
    struct process_info info;
    servers_settle();
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        for (size_t i = 0; i < array_length(names); i++)
            if (strcmp(info.name, names[i]) == 0)
                now.handles[i] = info.handles;
    for (size_t i = 0; i < array_length(names); i++)
        CHECK(now.handles[i] > 0);
    return now;
}

static void job_forget(void) {
    CHECK_EQUAL(0, operation(HANDLE_CONSOLE, OP_FOREGROUND, 0, 0, &no_buffers));
}

/* The clients run in a child, which takes all its handles with it. */
static void attack(child_body *clients, long argument) {
    job_forget(); /* ours, that the shell has told */
    struct servers before = servers_now();
    CHECK_EQUAL(0, child_run(clients, argument));
    servers_answer();
    job_forget();
    struct servers after = servers_now();
    for (size_t i = 0; i < array_length(before.handles); i++)
        CHECK_EQUAL(before.handles[i], after.handles[i]);
    (void)unlink(PLACE "/file");
    (void)rmdir(PLACE);
}

/* ---- Handles ---- */

/* Something of ours that no server has a use for. */
static int gift(int port) { return (int)sys_session_create(port, 1); }

/* Nothing blocks: there is no buffer to fill. */
static void gives_handles(long ignored) {
    int port = (int)sys_port_create();
    (void)ignored;
    victims_open();
    for (int victim = 0; victim < VICTIMS; victim++)
        for (long number = 0; number < OPERATIONS; number++) {
            long words[4] = {number, 1, PROTOCOL_CURRENT, gift(port)};
            CHECK(words[3] >= 0);
            long error = sys_call(victims[victim], words, NULL, 0, NULL, 0, MESSAGE_HANDLE);
            CHECK(error == 0 || error == (long)MESSAGE_HANDLE << 32);
            if (error > 0)
                CHECK_EQUAL(0, sys_handle_close((int)words[3]));
        }
}

static void handles_are_not_kept(void) { attack(gives_handles, 0); }

/* A number that is a handle of the server is not one that came. */
static void claims_handles(long ignored) {
    (void)ignored;
    for (long number = -3; number < 300; number++) {
        long words[4] = {OP_FOREGROUND, 1, 0, number};
        CHECK_EQUAL(-EBADF, call(HANDLE_CONSOLE, words, &no_buffers, 0));
    }
    job_forget();
}

/* The job's handle of this process is a number that the next client claims. */
static void claimed_handles(void) {
    long words[4] = {OP_FOREGROUND, 1, 0, sys_process_open((int)sys_getpid())};
    struct servers before = servers_now();
    CHECK_EQUAL(0, call(HANDLE_CONSOLE, words, &no_buffers, MESSAGE_HANDLE));
    CHECK_EQUAL(before.handles[2] + 1, servers_now().handles[2]);
    attack(claims_handles, 0);
}

static const struct test hostile_tests[] = {
    {"handles_are_not_kept", "a server keeps no handle that it did not ask for",
     handles_are_not_kept},
    {"claimed_handles", "a number in word 3 is no handle without the flag", claimed_handles},
    {0},
};
const struct test *const suites[] = {hostile_tests, NULL};
