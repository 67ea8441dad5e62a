/* Pipes: what goes in comes out once and in order, and each end hears of the other's end. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define RING 65536 /* bytes that a pipe holds */
#define NCLIENTS 6

#define EXPECT_ERRNO(error, call)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK_EQUAL(-1, call);                                                                     \
        CHECK_EQUAL(error, errno);                                                                 \
    } while (0)

static int ends[2];
static struct gate gate;
static char bytes[1000000];

static void pipe_make(void) { CHECK_EQUAL(0, pipe(ends)); }

static void reader_begin(void) { CHECK_EQUAL(0, close(ends[1])); }
static void writer_begin(void) { CHECK_EQUAL(0, close(ends[0])); }

static void expect_end(void) { CHECK_EQUAL(0, read(ends[0], bytes, 1)); }

static char value_at(size_t i) { return (char)(i * 7 + i / 251); }

/* Put n bytes into the pipe, which has room for them. */
static void fill(size_t n) {
    for (size_t i = 0; i < n; i++)
        bytes[i] = value_at(i);
    CHECK_EQUAL(n, write(ends[1], bytes, n));
}

static void drain(size_t n) {
    size_t wrong = 0;
    for (size_t done = 0; done < n;) {
        ssize_t part = read(ends[0], bytes, n - done);
        CHECK(part > 0);
        if (part <= 0)
            return;
        for (ssize_t i = 0; i < part; i++, done++)
            wrong += bytes[i] != value_at(done);
    }
    CHECK_EQUAL(0, wrong);
}

/* ---- Bytes ---- */

static void writes_once(long n) {
    writer_begin();
    fill((size_t)n);
}

static void large_writes(void) {
    static const size_t sizes[] = {1, PIPE_BUF, RING, RING + 1, 3 * RING - 5, sizeof bytes};
    for (size_t i = 0; i < array_length(sizes); i++) {
        pipe_make();
        int child = child_start(writes_once, (long)sizes[i]);
        reader_begin();
        drain(sizes[i]);
        expect_end();
        CHECK_EQUAL(0, child_wait(child));
        CHECK_EQUAL(0, close(ends[0]));
    }
}

static void writes_in_pieces(long total) {
    writer_begin();
    for (size_t i = 0; i < (size_t)total; i++)
        bytes[i] = value_at(i);
    for (size_t done = 0, part = 1; done < (size_t)total;
         done += part, part = part * 3 % 9973 + 1) {
        if (part > (size_t)total - done)
            part = (size_t)total - done;
        CHECK_EQUAL(part, write(ends[1], bytes + done, part));
    }
}

static void pieces(void) {
    size_t total = 700001, done = 0, wrong = 0, part = 1;
    pipe_make();
    int child = child_start(writes_in_pieces, (long)total);
    reader_begin();
    for (ssize_t n; (n = read(ends[0], bytes, part)) > 0; part = part * 5 % 12007 + 1)
        for (ssize_t i = 0; i < n; i++, done++)
            wrong += bytes[i] != value_at(done);
    CHECK_EQUAL(total, done);
    CHECK_EQUAL(0, wrong);
    CHECK_EQUAL(0, child_wait(child));
}

/* Several writers: records of up to PIPE_BUF bytes are never torn. */
#define RECORD 500
static void writes_records(long letter) {
    char record[RECORD];
    writer_begin();
    memset(record, (int)letter, sizeof record);
    for (int i = 0; i < 200; i++)
        CHECK_EQUAL(RECORD, write(ends[1], record, sizeof record));
}

static void records_stay_whole(void) {
    int children[NCLIENTS], counts[NCLIENTS] = {0};
    char record[RECORD];
    size_t torn = 0;
    pipe_make();
    for (int i = 0; i < NCLIENTS; i++)
        children[i] = child_start(writes_records, i);
    reader_begin();
    while (read(ends[0], record, sizeof record) == RECORD) {
        for (size_t i = 0; i < sizeof record; i++)
            torn += record[i] != record[0];
        counts[(int)record[0]]++;
    }
    CHECK_EQUAL(0, torn);
    for (int i = 0; i < NCLIENTS; i++) {
        CHECK_EQUAL(200, counts[i]);
        CHECK_EQUAL(0, child_wait(children[i]));
    }
}

static void reads_a_byte(long expected) {
    char byte = 0;
    reader_begin();
    CHECK_EQUAL(1, read(ends[0], &byte, 1));
    CHECK_EQUAL(expected, byte);
}

static void readers_in_order(void) {
    int children[NCLIENTS];
    pipe_make();
    for (int i = 0; i < NCLIENTS; i++) {
        children[i] = child_start(reads_a_byte, i);
        process_wait_blocked(children[i]);
    }
    for (char byte = 0; byte < NCLIENTS; byte++) {
        CHECK_EQUAL(1, write(ends[1], &byte, 1));
        CHECK_EQUAL(0, child_wait(children[(int)byte]));
    }
}

/* ---- Ends ---- */

static void waits_at_gate(long ignored) {
    (void)ignored;
    gate_wait(&gate);
}

static void writes_and_waits(long how) {
    writer_begin();
    fill(3);
    gate_wait(&gate);
    if (how)
        CHECK_EQUAL(0, execl("/bin/true", "true", NULL));
}

/* End of file comes with the last writer, by its close, exit, exec or kill; not before. */
static void end_of_file(void) {
    for (int how = 0; how < 3; how++) {
        int status;
        gate_make(&gate);
        pipe_make();
        if (how == 1)
            CHECK_EQUAL(0, fcntl(ends[1], F_SETFD, FD_CLOEXEC));
        int child = child_start(writes_and_waits, how);
        int twin = dup(ends[1]);
        reader_begin();
        CHECK_EQUAL(0, close(twin));
        drain(3);
        CHECK_EQUAL(0, fcntl(ends[0], F_SETFL, O_NONBLOCK));
        EXPECT_ERRNO(EAGAIN, read(ends[0], bytes, 1)); /* empty, but not at its end */
        CHECK_EQUAL(0, fcntl(ends[0], F_SETFL, 0));
        if (how == 2)
            CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL));
        gate_open(&gate);
        expect_end();
        expect_end();
        CHECK_EQUAL(child, waitpid(child, &status, 0));
        CHECK_EQUAL(how == 2 ? SIGNAL_KILL : 0, status);
        CHECK_EQUAL(0, close(ends[0]));
    }
}

static void reads_end(long ignored) {
    (void)ignored;
    reader_begin();
    expect_end();
}

static void all_waiting_readers_hear(void) {
    int children[NCLIENTS];
    pipe_make();
    for (int i = 0; i < NCLIENTS; i++) {
        children[i] = child_start(reads_end, 0);
        process_wait_blocked(children[i]);
    }
    CHECK_EQUAL(0, close(ends[1]));
    for (int i = 0; i < NCLIENTS; i++)
        CHECK_EQUAL(0, child_wait(children[i]));
}

static void writes_to_nobody(long ignore) {
    writer_begin();
    if (ignore)
        CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    EXPECT_ERRNO(EPIPE, write(ends[1], "x", 1));
}

static void no_reader(void) {
    pipe_make();
    CHECK_EQUAL(0, close(ends[0]));
    ends[0] = dup(ends[1]); /* for the child to close */
    CHECK_EQUAL(SIGPIPE, child_run(writes_to_nobody, 0));
    CHECK_EQUAL(0, child_run(writes_to_nobody, 1));
}

/* Part of it is in the pipe already when the last reader goes. */
static void writes_too_much(long n) {
    writer_begin();
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    CHECK_EQUAL(RING, write(ends[1], bytes, (size_t)n));
    EXPECT_ERRNO(EPIPE, write(ends[1], bytes, 1));
}

static void reader_goes_meanwhile(void) {
    gate_make(&gate);
    pipe_make();
    int reader = child_start(waits_at_gate, 0);
    int writer = child_start(writes_too_much, RING + 100);
    process_wait_blocked(writer);
    CHECK_EQUAL(0, close(ends[0]));
    CHECK_EQUAL(0, close(ends[1]));
    CHECK_EQUAL(0, sys_wait(writer, NULL, WAIT_NO_HANG)); /* the other has it yet */
    CHECK_EQUAL(0, sys_kill(reader, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(reader));
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(writer));
}

/* ---- Waiters that are killed ---- */

static void killed_readers_take_nothing(void) {
    pipe_make();
    int killed = child_start(reads_a_byte, 0), next = child_start(reads_a_byte, 'k');
    process_wait_blocked(killed);
    process_wait_blocked(next);
    CHECK_EQUAL(0, sys_kill(killed, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(killed));
    CHECK_EQUAL(1, write(ends[1], "k", 1));
    CHECK_EQUAL(0, child_wait(next));
}

static void writes_much(long n) {
    writer_begin();
    (void)write(ends[1], bytes, (size_t)n);
    CHECK(false);
}

static void writes_a_byte(long byte) {
    writer_begin();
    CHECK_EQUAL(1, write(ends[1], &(char){(char)byte}, 1));
}

static void killed_writers_block_nobody(void) {
    pipe_make();
    int killed = child_start(writes_much, 2 * RING);
    process_wait_blocked(killed);
    int next = child_start(writes_a_byte, 'n');
    process_wait_blocked(next);
    CHECK_EQUAL(0, sys_kill(killed, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(killed));
    size_t total = 0;
    reader_begin();
    for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0; total += (size_t)n)
        bytes[0] = bytes[n - 1];
    CHECK_EQUAL(RING + 1, total);
    CHECK_EQUAL('n', bytes[0]);
    CHECK_EQUAL(0, child_wait(next));
}

/* ---- Flags and errors ---- */

static void without_waiting(void) {
    CHECK_EQUAL(0, pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    CHECK_EQUAL(FD_CLOEXEC, fcntl(ends[0], F_GETFD));
    CHECK_EQUAL(FD_CLOEXEC, fcntl(ends[1], F_GETFD));
    EXPECT_ERRNO(EAGAIN, read(ends[0], bytes, 1));
    fill(RING - 10);
    EXPECT_ERRNO(EAGAIN, write(ends[1], bytes, 11)); /* whole or not at all */
    CHECK_EQUAL(10, write(ends[1], bytes, PIPE_BUF + 1));
    EXPECT_ERRNO(EAGAIN, write(ends[1], bytes, 1));
    drain(RING - 10);
    CHECK_EQUAL(10, read(ends[0], bytes, RING));
    EXPECT_ERRNO(EAGAIN, read(ends[0], bytes, 1));
    CHECK_EQUAL(0, close(ends[1]));
    expect_end();
    EXPECT_ERRNO(EINVAL, pipe2(ends, O_APPEND));
}

static void what_a_pipe_cannot(void) {
    struct stat status;
    pipe_make();
    EXPECT_ERRNO(EBADF, read(ends[1], bytes, 1));
    EXPECT_ERRNO(EBADF, write(ends[0], bytes, 1));
    for (int end = 0; end < 2; end++) {
        EXPECT_ERRNO(ESPIPE, lseek(ends[end], 0, SEEK_CUR));
        EXPECT_ERRNO(ESPIPE, pread(ends[end], bytes, 1, 0));
        EXPECT_ERRNO(ESPIPE, pwrite(ends[end], bytes, 1, 0));
        EXPECT_ERRNO(EINVAL, ftruncate(ends[end], 0));
        CHECK_EQUAL(0, isatty(ends[end]));
        CHECK_EQUAL(0, fstat(ends[end], &status));
        CHECK(S_ISFIFO(status.st_mode));
    }
    CHECK_EQUAL(0, read(ends[0], bytes, 0));
    CHECK_EQUAL(0, write(ends[1], bytes, 0));
}

static void reads_to_nowhere(long ignored) {
    (void)ignored;
    reader_begin();
    EXPECT_ERRNO(EFAULT, read(ends[0], (void *)8, 3));
}

/* Whether the reader waits already or not, its bad buffer costs no byte. */
static void bad_buffers(void) {
    pipe_make();
    int child = child_start(reads_to_nowhere, 0);
    process_wait_blocked(child);
    fill(3);
    CHECK_EQUAL(0, child_wait(child));
    CHECK_EQUAL(0, child_run(reads_to_nowhere, 0));
    drain(3);
    EXPECT_ERRNO(EFAULT, write(ends[1], (void *)8, 3));
    EXPECT_ERRNO(EFAULT, write(ends[1], (void *)8, PAGE));
    fill(5);
    drain(5);
}

static void as_many_as_fit(void) {
    int n = 0;
    while (pipe(ends) == 0)
        n++;
    CHECK_EQUAL(EMFILE, errno);
    CHECK(n >= 100);
    while (dup(1) >= 0)
        ;
    CHECK_EQUAL(0, close(3));
    EXPECT_ERRNO(EMFILE, pipe(ends)); /* one descriptor is not enough, and is free again */
    CHECK_EQUAL(3, dup(1));
}

static const struct test pipes_tests[] = {
    {"large_writes", "a write of any length comes out whole and in order", large_writes},
    {"pieces", "the pieces of writing and reading need not fit", pieces},
    {"records_stay_whole", "writes of up to PIPE_BUF bytes are not torn", records_stay_whole},
    {"readers_in_order", "who waits longest reads first", readers_in_order},
    {"end_of_file", "the end comes with the last writer, however it goes", end_of_file},
    {"all_waiting_readers_hear", "the end is told to all who wait", all_waiting_readers_hear},
    {"no_reader", "a write that nobody can read is SIGPIPE, or EPIPE", no_reader},
    {"reader_goes_meanwhile", "a writer that waits hears that its last reader is killed",
     reader_goes_meanwhile},
    {"killed_readers_take_nothing", "a killed reader's bytes go to the next",
     killed_readers_take_nothing},
    {"killed_writers_block_nobody", "a killed writer's turn goes to the next",
     killed_writers_block_nobody},
    {"without_waiting", "O_NONBLOCK is EAGAIN where others wait", without_waiting},
    {"what_a_pipe_cannot", "what a pipe is not, it refuses", what_a_pipe_cannot},
    {"bad_buffers", "a bad buffer is its owner's error and costs no byte", bad_buffers},
    {"as_many_as_fit", "no descriptors left is EMFILE, and nothing is lost", as_many_as_fit},
    {0},
};
const struct test *const suites[] = {pipes_tests, NULL};
