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

/* ---- Words and buffers ---- */

static const long extremes[] = {0,
                                1,
                                2,
                                -1,
                                -2,
                                PAGE,
                                PAGE - 1,
                                65536,
                                INT32_MAX,
                                INT32_MIN,
                                UINT32_MAX,
                                INT64_MAX,
                                INT64_MIN,
                                1L << 40,
                                (1L << 40) - 1,
                                0x1234567890abcdef};

static char *memory; /* three pages: to write, to read only, and none */

static void memory_make(void) {
    memory = pages_map(3, 0);
    CHECK_EQUAL(0, sys_protect((uintptr_t)memory + PAGE, PAGE, MAP_READ));
    pages_unmap(memory + 2 * PAGE, 1);
}

/* What a client may offer; nothing of it is a path that leads to something. */
static size_t buffers_make(struct buffers to[]) {
    char *none = memory + 2 * PAGE, *kernel = (char *)0xffffffc000000000;
    size_t n = 0;
    to[n++] = no_buffers;
    to[n++] = (struct buffers){memory, 1, memory, 1};
    to[n++] = (struct buffers){memory, PAGE, memory, PAGE}; /* the same for both */
    to[n++] = (struct buffers){memory + 100, PAGE, memory + 50, PAGE - 50};
    to[n++] = (struct buffers){none, 10, none, 10};
    to[n++] = (struct buffers){none - 5, 10, none - 5, 10}; /* half of it is there */
    to[n++] = (struct buffers){none, PAGE, none, PAGE};
    to[n++] = (struct buffers){kernel, 10, kernel, PAGE};
    to[n++] = (struct buffers){(void *)-5L, 10, (void *)-5L, 10};
    to[n++] = (struct buffers){memory, UINT32_MAX, memory, UINT32_MAX};
    to[n++] = (struct buffers){memory, 2, memory + PAGE, PAGE}; /* to read only */
    to[n++] = (struct buffers){memory, PAGE, NULL, 0};
    to[n++] = (struct buffers){NULL, 0, memory, PAGE};
    to[n++] = (struct buffers){NULL, PAGE, NULL, PAGE};
    return n;
}
#define BUFFERS_MAX 20

/* The console's readers wait, and what is written there is seen. */
static bool victim_waits(int victim, long number) {
    return victim >= CONTROL && (number == OP_READ || number == OP_WRITE);
}

/* It must not wait, whatever it is told to be. */
static void pipe_empty(void) {
    static char bytes[65536];
    (void)operation(victims[PIPE_READER], OP_SET_FLAGS, O_NONBLOCK, 0, &no_buffers);
    (void)operation(victims[PIPE_PEN], OP_SET_FLAGS, O_NONBLOCK, 0, &no_buffers);
    (void)read(victims[PIPE_READER], bytes, sizeof bytes);
}

/* A call that ends in whatever way; a handle that the reply brings is closed. */
static void calls_once(int victim, long number, long word1, long word2,
                       const struct buffers *with) {
    long words[4] = {number, word1, word2, word1};
    long error =
        sys_call(victims[victim], words, with->out, with->out_bytes, with->in, with->in_bytes, 0);
    CHECK(error <= 0 || error == (long)MESSAGE_HANDLE << 32);
    CHECK(error >= 0 || error == -EFAULT || error == -EACCES || error == -EINVAL);
    if (error > 0)
        CHECK_EQUAL(0, sys_handle_close((int)words[3]));
}

static void calls_all(long victim) {
    struct buffers with[BUFFERS_MAX];
    memory_make();
    size_t n = buffers_make(with);
    victims_open();
    for (long number = 0; number < OPERATIONS; number++)
        for (size_t i = 0; i < array_length(extremes) * n; i++) {
            long word1 = extremes[i % array_length(extremes)];
            long word2 = number == OP_READ || number == OP_WRITE
                             ? extremes[(i + (size_t)number) * 7 % array_length(extremes)]
                             : PROTOCOL_CURRENT;
            if (!victim_waits((int)victim, number))
                calls_once((int)victim, number, word1, word2, &with[i / array_length(extremes)]);
            if (victim == PIPE_READER || victim == PIPE_PEN)
                pipe_empty();
        }
    for (size_t i = 0; i < array_length(extremes); i++) {
        long result = operation(victims[victim], extremes[i] | 1L << 50, 0, 0, &no_buffers);
        CHECK(result == -ENOSYS || result == -ENOTDIR); /* files are no directories */
    }
}

static void any_words_and_buffers(void) {
    for (int victim = 0; victim < VICTIMS; victim++)
        attack(calls_all, victim);
}

static const struct test hostile_tests[] = {
    {"handles_are_not_kept", "a server keeps no handle that it did not ask for",
     handles_are_not_kept},
    {"claimed_handles", "a number in word 3 is no handle without the flag", claimed_handles},
    {"any_words_and_buffers", "every operation bears any words and any buffers",
     any_words_and_buffers},
    {0},
};
const struct test *const suites[] = {hostile_tests, NULL};
