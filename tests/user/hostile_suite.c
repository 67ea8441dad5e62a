/* Hostile clients: whatever a client says to a server, the server goes on as before.
 *
 * The clients are children that speak by raw calls. A victim is a session of a real server. After
 * each part all servers must answer sensible calls (servers_answer) and hold as many handles as
 * before; the frames and the audit are compared after each test, as always. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
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

/* The clients run in a child, which takes all its handles with it. */
static void attack(child_body *clients, long argument) {
    struct servers before = servers_now();
    CHECK_EQUAL(0, child_run(clients, argument));
    servers_answer();
    CHECK_EQUAL(0, operation(HANDLE_ROOT, OP_CHMOD, 0777, 0, &no_buffers));
    CHECK_EQUAL(0, operation(HANDLE_ROOT, OP_SEEK, 0, SEEK_SET, &no_buffers));
    CHECK_EQUAL(0, system("rm -rf " PLACE));
    struct servers after = servers_now();
    for (size_t i = 0; i < array_length(before.handles); i++)
        CHECK_EQUAL(before.handles[i], after.handles[i]);
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
    return victim >= TERMINAL_IN && (number == OP_READ || number == OP_WRITE);
}

/* It must not wait, whatever it is told to be. */
static void pipe_empty(void) {
    static char bytes[65536];
    (void)operation(victims[PIPE_READER], OP_SET_FLAGS, OPEN_NONBLOCK, 0, &no_buffers);
    (void)operation(victims[PIPE_PEN], OP_SET_FLAGS, OPEN_NONBLOCK, 0, &no_buffers);
    (void)read(victims[PIPE_READER], bytes, sizeof bytes);
}

/* A call that ends in whatever way; a handle that the reply brings is closed. */
static void calls_once(int victim, long number, long word1, long word2,
                       const struct buffers *with) {
    long words[4] = {number, word1, word2, word1};
    long error =
        sys_call(victims[victim], words, with->out, with->out_bytes, with->in, with->in_bytes, 0);
    CHECK(error <= 0 || error == (long)MESSAGE_HANDLE << 32);
    CHECK(error >= 0 || error == -EFAULT || error == -EACCES);
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

/* ---- Answers to nonsense ---- */

struct wrong {
    int victim;
    long number, word1, word2, answer;
};

/* Operations on a session that is not of their kind. */
static const struct wrong wrong_kinds[] = {
    {FILE_BOTH, OP_PIPE_WRITER, 0, 0, -ENOTDIR},
    {FILE_BOTH, OP_FOREGROUND, 0, 0, -ENOTDIR},
    {FILE_BOTH, OP_OPEN, 0, 0, -ENOTDIR},
    {FILE_BOTH, OP_READDIR, 0, 0, -ENOTDIR},
    {FILE_READ, OP_TRUNCATE, 0, 0, -EINVAL},
    {FILE_READ, OP_WRITE, 1, 0, -EBADF},
    {FILE_WRITE, OP_READ, 1, 0, -EBADF},
    {FILE_WRITE, OP_MAP, 0, 0, -EBADF},
    {NOTHING, OP_MAP, 0, 0, -ENODEV},
    {NOTHING, OP_TRUNCATE, 0, 0, -EINVAL},
    {DIRECTORY, OP_PIPE_CREATE, 0, 0, -ENOSYS},
    {DIRECTORY, OP_FOREGROUND, 0, 0, -ENOSYS},
    {DIRECTORY, OP_READ, 1, 0, -EISDIR},
    {DIRECTORY, OP_WRITE, 1, 0, -EBADF},
    {DIRECTORY, OP_TRUNCATE, 0, 0, -EINVAL},
    {PIPES, OP_PIPE_WRITER, 0, 0, -ENOSYS},
    {PIPES, OP_READ, 1, PROTOCOL_CURRENT, -ENOSYS},
    {PIPES, OP_SET_FLAGS, -1, 0, -ENOSYS},
    {PIPE_READER, OP_PIPE_CREATE, 0, 0, -ENOSYS},
    {PIPE_READER, OP_PIPE_WRITER, 0, 0, -EBUSY},
    {PIPE_READER, OP_WRITE, 1, PROTOCOL_CURRENT, -EBADF},
    {PIPE_READER, OP_OPEN, 0, 0, -ENOSYS},
    {PIPE_PEN, OP_PIPE_WRITER, 0, 0, -EBADF},
    {PIPE_PEN, OP_READ, 1, PROTOCOL_CURRENT, -EBADF},
    {PIPE_PEN, OP_MAP, 0, 0, -ENOSYS},
    {TERMINAL_IN, OP_OPEN, 0, 0, -ENOSYS},
    {TERMINAL_IN, OP_FOREGROUND, 0, 0, -EPERM},
    {TERMINAL_OUT, OP_FOREGROUND, 1, 0, -EPERM},
    {TERMINAL_ERROR, OP_TRUNCATE, 0, 0, -ENOSYS},
};

static void calls_wrong_kinds(long ignored) {
    char byte = 'x';
    const struct buffers one = {&byte, 1, &byte, 1};
    (void)ignored;
    victims_open();
    for (size_t i = 0; i < array_length(wrong_kinds); i++) {
        const struct wrong *wrong = &wrong_kinds[i];
        CHECK_EQUAL(wrong->answer, operation(victims[wrong->victim], wrong->number, wrong->word1,
                                             wrong->word2, &one));
    }
    /* The terminal gets a process and has no use for it. */
    long words[4] = {OP_FOREGROUND, 1, 0, sys_process_open((int)sys_getpid())};
    CHECK_EQUAL(-EPERM, call(1, words, &no_buffers, MESSAGE_HANDLE));
}

static void wrong_sessions(void) { attack(calls_wrong_kinds, 0); }

#define PATH_BYTES (2 * PROTOCOL_PATH_MAX) /* that a server takes, with all that ends in 0 */

static void calls_with_paths(long ignored) {
    static char path[PATH_BYTES + 1];
    static const long numbers[] = {OP_OPEN,  OP_STAT_PATH, OP_MKDIR, OP_UNLINK,
                                   OP_RMDIR, OP_LINK,      OP_RENAME};
    (void)ignored;
    victims_open();
    for (size_t i = 0; i < array_length(numbers); i++) {
        struct buffers with = {path, 0, NULL, 0};
        CHECK_EQUAL(-EINVAL, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
        memset(path, '/', sizeof path);
        for (size_t n = 1; n <= sizeof path; n += n == 1 ? PATH_BYTES - 2 : 1) {
            with.out_bytes = n;
            CHECK_EQUAL(-EINVAL, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
        }
        path[PATH_BYTES] = 0; /* ended, and too long */
        CHECK_EQUAL(-EINVAL, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
        memset(path, 'n', PATH_BYTES - 1);
        path[PATH_BYTES - 1] = 0;
        with.out_bytes = PATH_BYTES;
        bool two = numbers[i] == OP_LINK || numbers[i] == OP_RENAME;
        CHECK_EQUAL(two ? -EINVAL : -ENAMETOOLONG, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
        for (size_t at = 1; at < PATH_BYTES - 1; at += 2)
            path[at] = '/'; /* n/n/n/n... */
        CHECK_EQUAL(two ? -EINVAL : -ENOENT, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
        path[10] = path[20] = 0; /* two paths, and more behind them */
        CHECK_EQUAL(-ENOENT, operation(HANDLE_ROOT, numbers[i], 0, 0, &with));
    }
}

static void paths_of_any_length(void) { attack(calls_with_paths, 0); }

/* What a bad buffer costs: nothing of the file, its offset or the pipe. */
static void calls_with_bad_buffers(long ignored) {
    (void)ignored;
    memory_make();
    victims_open();
    int file = victims[FILE_READ];
    const struct buffers bad = {memory + 2 * PAGE, 5, memory + PAGE, 5},
                         half = {memory + 2 * PAGE - 2, 5, memory + 2 * PAGE - 2, 5},
                         one = {memory, 1, memory, 1};
    for (int i = 0; i < 2; i++) {
        const struct buffers *with = i ? &half : &bad;
        CHECK_EQUAL(-EFAULT, operation(file, OP_READ, 5, PROTOCOL_CURRENT, with));
        CHECK_EQUAL(0, operation(file, OP_SEEK, 0, SEEK_CUR, &no_buffers));
        CHECK_EQUAL(-EFAULT, operation(victims[FILE_BOTH], OP_WRITE, 5, 20, with));
        CHECK_EQUAL(10, operation(file, OP_SEEK, 0, SEEK_END, &no_buffers));
        CHECK_EQUAL(0, operation(file, OP_SEEK, 0, SEEK_SET, &no_buffers));
        CHECK_EQUAL(-EFAULT, operation(victims[PIPE_PEN], OP_WRITE, 5, PROTOCOL_CURRENT, with));
        CHECK_EQUAL(-EAGAIN, operation(victims[PIPE_READER], OP_READ, 5, PROTOCOL_CURRENT, &one));
        CHECK_EQUAL(-EFAULT, operation(1, OP_WRITE, 5, PROTOCOL_CURRENT, with));
    }
}

/* What does not fit is not given in part. */
static void calls_with_small_buffers(long ignored) {
    char byte = 0;
    const struct buffers one = {NULL, 0, &byte, 1};
    (void)ignored;
    victims_open();
    int file = victims[FILE_READ];
    CHECK_EQUAL(-EINVAL, operation(file, OP_STAT, 0, 0, &one));
    CHECK_EQUAL(-EINVAL, operation(victims[PIPE_PEN], OP_STAT, 0, 0, &one));
    CHECK_EQUAL(-EINVAL, operation(1, OP_STAT, 0, 0, &one));
    CHECK_EQUAL(-EINVAL, operation(victims[DIRECTORY], OP_READDIR, 0, 0, &one));
    CHECK_EQUAL(-ERANGE, operation(victims[DIRECTORY], OP_GETCWD, 0, 0, &one));
    CHECK_EQUAL(1, operation(file, OP_READ, INT64_MAX, 9, &one));
    CHECK_EQUAL('9', byte);
}

static void bad_buffers(void) {
    attack(calls_with_bad_buffers, 0);
    attack(calls_with_small_buffers, 0);
}

/* ---- Badges ---- */

static int badge_session;

static void calls_its_own(long port) {
    CHECK_EQUAL(0, sys_handle_close((int)port));
    CHECK_EQUAL(-77, operation(badge_session, OP_PIPE_CREATE, 0, 0, &no_buffers));
}

/* A client's own port and the badges that it chooses are between it and itself. */
static void makes_badges(long ignored) {
    int port = (int)sys_port_create();
    struct message message;
    (void)ignored;
    victims_open();
    for (int victim = 0; victim < VICTIMS; victim++) {
        long none[4] = {0};
        CHECK_EQUAL(-EBADF, sys_session_create(victims[victim], 0));
        CHECK_EQUAL(-EBADF, sys_receive(victims[victim], NULL, 0, &message));
        CHECK_EQUAL(-EBADF, sys_reply(0, none, NULL, 0, 0, victims[victim]));
        CHECK_EQUAL(-EBADF, sys_message_read(1, 0, memory, 1, victims[victim], 0));
    }
    for (size_t i = 0; i < array_length(extremes); i++) {
        badge_session = (int)sys_session_create(port, (uint64_t)extremes[i]);
        int client = child_start(calls_its_own, port);
        CHECK_EQUAL(MESSAGE_CALL, sys_receive(port, NULL, 0, &message));
        CHECK_EQUAL(extremes[i], message.badge);
        CHECK_EQUAL(OP_PIPE_CREATE, message.word[0]);
        CHECK_EQUAL(0, sys_reply(message.token, (const long[4]){-77}, NULL, 0, 0, port));
        CHECK_EQUAL(0, child_wait(client));
        CHECK_EQUAL(0, sys_handle_close(badge_session));
        CHECK_EQUAL(MESSAGE_CLOSED, sys_receive(port, NULL, 0, &message));
        CHECK_EQUAL(extremes[i], message.badge);
    }
}

static void made_badges(void) { attack(makes_badges, 0); }

/* ---- Clients that are killed ---- */

static long *shared; /* words that all processes of a test have */

static void shared_make(void) { shared = (long *)pages_map(1, MAP_SHARE); }

/* A word that another process counts up; it does so sooner or later. */
static void wait_until(const long *word, long least) {
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < least)
        (void)sys_yield();
}

static void count_up(long *word) { __atomic_add_fetch(word, 1, __ATOMIC_RELEASE); }

static void kill_now(int pid) {
    CHECK_EQUAL(0, sys_kill(pid, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(pid));
}

#define LARGE ((size_t)1 << 20)
#define RING 65536

/* Calls that move much, one after the other: the kill meets any of their steps. */
static void moves_much(long victim) {
    char *much = pages_map(LARGE / PAGE, 0);
    pages_fill(much, LARGE / PAGE, 1);
    for (;;) {
        const struct buffers with = {much, 40 * PAGE, much, 40 * PAGE};
        (void)operation(victims[victim], OP_WRITE, 40 * PAGE, 0, &with);
        (void)operation(victims[victim], OP_READ, 40 * PAGE, 0, &with);
        (void)operation(victims[victim], OP_MAP, 0, 0, &with);
        count_up(shared);
    }
}

static void killed_between_others(long rounds) {
    victims_open();
    shared_make();
    for (long i = 0; i < rounds; i++) {
        long before = *shared;
        int movers[] = {child_start(moves_much, FILE_BOTH), child_start(moves_much, FILE_BOTH)};
        wait_until(shared, before + 1 + i % 5);
        for (size_t j = 0; j < array_length(movers); j++)
            kill_now(movers[j]);
    }
    CHECK_EQUAL(40 * PAGE, operation(victims[FILE_BOTH], OP_SEEK, 0, SEEK_END, &no_buffers));
}

static void killed_while_data_moves(void) { attack(killed_between_others, 20); }

/* One large write that no pipe has room for: the server has the rest of it to wait for. */
static void writes_large(long ignored) {
    char *much = pages_map(LARGE / PAGE, 0);
    (void)ignored;
    pages_fill(much, LARGE / PAGE, 1);
    (void)operation(victims[PIPE_PEN], OP_WRITE, (long)LARGE, PROTOCOL_CURRENT,
                    &(struct buffers){much, LARGE, NULL, 0});
    CHECK(false);
}

/* Take so many bytes from the full pipe; its writers refill it. */
static void pipe_take(size_t nbytes) {
    static char bytes[RING];
    for (size_t n = 0; n < nbytes;) {
        size_t part = nbytes - n < sizeof bytes ? nbytes - n : sizeof bytes;
        long taken = operation(victims[PIPE_READER], OP_READ, (long)part, PROTOCOL_CURRENT,
                               &(struct buffers){NULL, 0, bytes, part});
        CHECK(taken > 0);
        if (taken <= 0)
            return;
        n += (size_t)taken;
    }
}

/* The writers go with the rest of their bytes; what the pipe had is there, then its end. */
static void killed_after(long taken) {
    char byte;
    victims_open();
    CHECK_EQUAL(0, operation(victims[PIPE_PEN], OP_SET_FLAGS, 0, 0, &no_buffers));
    int writer = child_start(writes_large, 0), next = child_start(writes_large, 0);
    process_wait_blocked(writer);
    process_wait_blocked(next);
    pipe_take((size_t)taken);
    kill_now(writer);
    kill_now(next);
    CHECK_EQUAL(0, close(victims[PIPE_PEN]));
    pipe_take(RING);
    CHECK_EQUAL(0, read(victims[PIPE_READER], &byte, 1));
}

static void killed_while_the_pipe_is_full(void) {
    for (long taken = 0; taken < 3L * RING; taken += RING / 2 + 99)
        attack(killed_after, taken);
}

static void reads_the_terminal(long ignored) {
    char byte;
    (void)ignored;
    (void)operation(0, OP_READ, 1, PROTOCOL_CURRENT, &(struct buffers){NULL, 0, &byte, 1});
    CHECK(false);
}

static void reads_the_pipe(long ignored) {
    (void)ignored;
    (void)operation(victims[PIPE_READER], OP_READ, PAGE, PROTOCOL_CURRENT,
                    &(struct buffers){NULL, 0, pages_map(1, 0), PAGE});
    CHECK(false);
}

static void killed_readers(long ignored) {
    (void)ignored;
    victims_open();
    CHECK_EQUAL(0, operation(victims[PIPE_READER], OP_SET_FLAGS, 0, 0, &no_buffers));
    for (int i = 0; i < 30; i++) {
        int reader = child_start(i % 2 ? reads_the_terminal : reads_the_pipe, 0);
        process_wait_blocked(reader);
        kill_now(reader);
    }
}

static void killed_while_they_wait(void) { attack(killed_readers, 0); }

/* ---- Random calls ---- */

#define CALLERS 3
#define CALLS 6000

static uint64_t random_state;

static uint64_t random_below(uint64_t n) {
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return (random_state >> 33) % n;
}

/* All below PLACE, or such that nothing can become of them. */
static const char *const paths[] = {"",           ".",           "..",           "/",
                                    PLACE,        PLACE "/file", PLACE "/f",     PLACE "/d",
                                    PLACE "/d/e", PLACE "/d/e/", PLACE "/d/e/h", PLACE "/d/../f",
                                    PLACE "/g/",  PLACE "/f/h",  PLACE "//d/./g"};

/* => the length of one or two paths, with or without the last 0 */
static size_t paths_make(char *to) {
    size_t n = 0;
    for (uint64_t count = 1 + random_below(2); count; count--) {
        strcpy(to + n, paths[random_below(array_length(paths))]);
        n += strlen(to + n) + 1;
    }
    return n - (random_below(20) == 0);
}

static long random_word(void) {
    return random_below(2) ? (long)random_below(70000)
                           : extremes[random_below(array_length(extremes))];
}

static struct buffers random_buffers(int victim) {
    static char text[256];
    struct buffers with[BUFFERS_MAX];
    struct buffers some = with[random_below(buffers_make(with))];
    if (victim >= TERMINAL_IN && random_below(2)) {
        some.out = " "; /* it is seen, and the lines stay as they are */
        some.out_bytes = 1;
    } else if (victim >= TERMINAL_IN) {
        some.out_bytes = 0;
    } else if (random_below(2)) {
        some.out = text;
        some.out_bytes = paths_make(text);
    }
    return some;
}

/* One call, and what may come of it. A handle that it brings is the next victim, sometimes. */
static void calls_random(int *found) {
    int victim = (int)random_below(VICTIMS);
    int session = *found >= 0 && random_below(4) == 0 ? *found : victims[victim];
    struct buffers with = random_buffers(victim);
    unsigned flags = random_below(6) == 0 ? MESSAGE_HANDLE : 0;
    int port = (int)sys_port_create(), given = gift(port);
    long words[4] = {(long)random_below(random_below(3) ? OP_FOREGROUND + 1 : OPERATIONS),
                     random_word(), random_below(2) ? random_word() : PROTOCOL_CURRENT, given};
    long error = sys_call(session, words, with.out, with.out_bytes, with.in, with.in_bytes, flags);
    bool moved = error > 0;
    CHECK(error <= 0 ? error >= -200 : error == (long)MESSAGE_HANDLE << 32);
    CHECK(error < 0 || words[0] >= -200);
    (void)sys_handle_close(port);
    (void)sys_handle_close(given);
    if (moved) {
        (void)sys_handle_close(*found);
        *found = (int)words[3];
    }
}

static void calls_for_ever(long which) {
    int found = -1;
    random_state = check_seed + (uint64_t)which * 0x9e3779b97f4a7c15;
    memory_make();
    while (!check_failures) {
        calls_random(&found);
        count_up(shared);
        count_up(shared + 1 + which % CALLERS);
    }
}

/* Whether a server keeps this caller's call, or the caller has ended. Servers hear calls in order:
 * one that waits still, though they have answered a later call of ours, will wait for long. */
static bool caller_waits(int pid, const long *calls) {
    long before = __atomic_load_n(calls, __ATOMIC_ACQUIRE);
    struct process_info first = {0}, then = {0};
    CHECK_EQUAL(pid, sys_process_info(pid, &first));
    if (first.state != PROCESS_WAITING)
        return first.state == PROCESS_ENDED;
    servers_settle();
    CHECK_EQUAL(pid, sys_process_info(pid, &then));
    return then.state == PROCESS_WAITING && before == __atomic_load_n(calls, __ATOMIC_ACQUIRE);
}

/* Callers that wait are killed, in the middle of their calls; others go on with the work. */
static void callers_run(long ignored) {
    int callers[CALLERS];
    long started = 0;
    (void)ignored;
    victims_open();
    shared_make();
    for (; started < CALLERS; started++)
        callers[started] = child_start(calls_for_ever, started);
    while (*shared < CALLS && !check_failures) {
        for (int i = 0; i < CALLERS; i++)
            if (caller_waits(callers[i], shared + 1 + i)) {
                kill_now(callers[i]);
                callers[i] = child_start(calls_for_ever, started / CALLERS * CALLERS + i);
                started += CALLERS;
            }
        (void)sys_yield();
    }
    for (int i = 0; i < CALLERS; i++)
        kill_now(callers[i]);
}

static void random_calls(void) { attack(callers_run, 0); }

/* ---- A server that is killed ---- */

#define SERVED 40 /* pages that each call moves */
#define CLIENTS 3

static int server_port, session;

/* How a server moves the pages of a call. */
enum { BY_REPLY, BY_WRITE, BY_WRITE_SHARED, BY_READ, BY_READ_SHARED, KEPT, WAYS };

static void serve_one(long way, const struct message *message, char *bytes) {
    static const long done[4] = {0};
    unsigned share = way == BY_WRITE_SHARED || way == BY_READ_SHARED ? MESSAGE_SHARE : 0;
    if (way == BY_WRITE || way == BY_WRITE_SHARED)
        (void)sys_message_write(message->token, 0, bytes, SERVED * PAGE, server_port, share);
    else if (way == BY_READ || way == BY_READ_SHARED)
        (void)sys_message_read(message->token, 0, bytes, SERVED * PAGE, server_port, share);
    count_up(shared);
    if (way != KEPT)
        (void)sys_reply(message->token, done, bytes, way == BY_REPLY ? SERVED * PAGE : 0, 0,
                        server_port);
}

static void serves(long way) {
    struct message message;
    char *bytes = pages_map(SERVED, 0);
    memset(bytes, 's', SERVED * PAGE);
    CHECK_EQUAL(0, sys_handle_close(session));
    while (sys_receive(server_port, NULL, 0, &message) == MESSAGE_CALL)
        serve_one(way, &message, bytes);
}

/* Calls until the server is gone. Of its own pages none has changed but by what the server says. */
static void calls_until_reset(long ignored) {
    char *mine = pages_map(2 * SERVED, 0), *in = mine + SERVED * PAGE;
    const struct buffers with = {mine, SERVED * PAGE, in, SERVED * PAGE};
    long result;
    size_t wrong = 0;
    (void)ignored;
    memset(mine, 'm', 2 * SERVED * PAGE);
    while ((result = operation(session, OP_READ, 0, 0, &with)) == 0)
        ;
    CHECK_EQUAL(-ECONNRESET, result);
    for (size_t i = 0; i < SERVED * PAGE; i++)
        wrong += mine[i] != 'm' || (in[i] != 'm' && in[i] != 's');
    CHECK_EQUAL(0, wrong);
    CHECK_EQUAL(-ECONNRESET, operation(session, OP_READ, 0, 0, &with));
}

static void kill_a_server(long way, long calls) {
    int clients[CLIENTS];
    server_port = (int)sys_port_create();
    session = (int)sys_session_create(server_port, 1);
    *shared = 0;
    int server = child_start(serves, way);
    CHECK_EQUAL(0, sys_handle_close(server_port));
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = child_start(calls_until_reset, 0);
    wait_until(shared, calls);
    kill_now(server);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_EQUAL(0, child_wait(clients[i]));
    CHECK_EQUAL(0, sys_handle_close(session));
}

static void killed_servers(void) {
    shared_make();
    for (long i = 0; i < 5L * WAYS; i++)
        kill_a_server(i % WAYS, i % WAYS == KEPT ? CLIENTS : 1 + i * 3);
    servers_answer();
}

static const struct test hostile_tests[] = {
    {"handles_are_not_kept", "a server keeps no handle that it did not ask for",
     handles_are_not_kept},
    {"any_words_and_buffers", "every operation bears any words and any buffers",
     any_words_and_buffers},
    {"wrong_sessions", "what a session is not for, it refuses", wrong_sessions},
    {"paths_of_any_length", "a path ends where its buffer does, at the latest",
     paths_of_any_length},
    {"bad_buffers", "a bad buffer changes no file and no offset", bad_buffers},
    {"made_badges", "a badge that a client chose reaches nobody else", made_badges},
    {"killed_while_data_moves", "a client may be killed at any step of its calls",
     killed_while_data_moves},
    {"killed_while_the_pipe_is_full", "a killed writer's bytes end where its call was",
     killed_while_the_pipe_is_full},
    {"killed_while_they_wait", "a reader that waits may be killed", killed_while_they_wait},
    {"random_calls", "nothing that a client says harms a server", random_calls},
    {"killed_servers", "clients of a server that is killed at any step are told", killed_servers},
    {0},
};
const struct test *const suites[] = {hostile_tests, NULL};
