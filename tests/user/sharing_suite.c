/* Pages that go by message: MESSAGE_SHARE brings whole pages copy-on-write, in both directions, and
 * nobody can tell but by the frames.
 *
 * The test's own process serves; its client is a child. A client tells in the first words of a call
 * where its pages lie, so that the server can look at their frames. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define N 6      /* pages of most buffers */
#define SENT 100 /* pages_fill values: what is sent, and what was there before */
#define BEFORE 900

static int port, session;
static struct message message;
static char *pages;       /* of the side that runs */
static char *their_pages; /* of the client, as the last call told */
static int client;
static const long none[4];

static void set_up(void) {
    port = (int)sys_port_create();
    session = (int)sys_session_create(port, 1);
    CHECK(port >= 0 && session >= 0);
}

/* ---- The client's side ---- */

/* A call with the pages: the value in word 2 is for the server. => the reply's first word */
static long call_with(const void *out, size_t out_bytes, void *in, size_t in_bytes, long value) {
    long words[4] = {sys_getpid(), (long)pages, value};
    CHECK_EQUAL(0, sys_call(session, words, out, out_bytes, in, in_bytes, 0));
    return words[0];
}

static void call_only(void) { (void)call_with(NULL, 0, NULL, 0, 0); }

/* Send pages; then write them, and let the server look at its own; then find ours as written. */
static void client_sends(long nbytes) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    call_with(pages, (size_t)nbytes, NULL, 0, 0);
    CHECK(pages_hold(pages, N, SENT));
    pages_fill(pages, N, 500);
    call_only();
    CHECK(pages_hold(pages, N, 500));
}

/* The same the other way: the server's pages come in the place of those that were there. */
static void client_gets(long nbytes) {
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    call_with(NULL, 0, pages, (size_t)nbytes, 0);
    CHECK(pages_hold(pages, N, SENT));
    pages_fill(pages, N, 500);
    call_only();
    CHECK(pages_hold(pages, N, 500));
}

/* ---- The server's side ---- */

static void expect_call(void) {
    CHECK_EQUAL(MESSAGE_CALL, sys_receive(port, NULL, 0, &message));
    client = (int)message.word[0];
    their_pages = (char *)message.word[1];
}

static void reply(void) { CHECK_EQUAL(0, sys_reply(message.token, none, NULL, 0, 0, port)); }

static void client_begin(child_body *body, long argument) {
    set_up();
    (void)child_start(body, argument);
    expect_call();
}

static void client_end(void) { CHECK_EQUAL(0, child_wait(client)); }

static long take(size_t offset, void *to, size_t nbytes) {
    return sys_message_read(message.token, offset, to, nbytes, port, MESSAGE_SHARE);
}

static long give(size_t offset, const void *from, size_t nbytes) {
    return sys_message_write(message.token, offset, from, nbytes, port, MESSAGE_SHARE);
}

static struct page_info ours(size_t page) {
    return page_of((int)sys_getpid(), pages + page * PAGE);
}
static struct page_info theirs(size_t page) { return page_of(client, their_pages + page * PAGE); }

static void expect_shared(size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
        CHECK_EQUAL(2, ours(i).count);
        CHECK_EQUAL(2, theirs(i).count);
        CHECK_EQUAL(PAGE_RESIDENT | PAGE_MARKED, ours(i).flags);
        CHECK_EQUAL(PAGE_RESIDENT | PAGE_MARKED, theirs(i).flags);
    }
}

static void expect_apart(size_t first, size_t end) {
    for (size_t i = first; i < end; i++)
        CHECK(ours(i).count == 1 && theirs(i).count == 1);
}

/* Both have the pages. The client writes its own, and calls; then we write ours. */
static void expect_writes_apart(void) {
    reply();
    expect_call();
    CHECK(pages_hold(pages, N, SENT));
    pages_fill(pages, N, 300);
    reply();
    client_end();
    CHECK(pages_hold(pages, N, 300));
}

/* ---- Whole pages ---- */

static void read_shares(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N + 1, 0);
    pages_fill(pages + N * PAGE, 1, 5); /* the page table is there, and the pages are not */
    struct memory_info before = memory_now(), after = memory_now();
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.frames_free, after.frames_free);
    CHECK_EQUAL(before.faults, after.faults);
    CHECK_EQUAL(before.zero_fills, after.zero_fills);
    expect_shared(0, N);
    CHECK(pages_hold(pages, N, SENT) && pages_hold(pages + N * PAGE, 1, 5));
    expect_writes_apart();
}

/* The frames that were there are free again. */
static void read_replaces(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    size_t before = frames_free();
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    CHECK_EQUAL(before + N, frames_free());
    expect_shared(0, N);
    expect_writes_apart();
}

static void write_shares(void) {
    client_begin(client_gets, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    size_t before = frames_free();
    CHECK_EQUAL(N * PAGE, give(0, pages, N * PAGE));
    CHECK_EQUAL(before + N, frames_free());
    expect_shared(0, N);
    expect_writes_apart();
}

static void reply_shares(void) {
    client_begin(client_gets, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    CHECK_EQUAL(0, sys_reply(message.token, none, pages, N * PAGE, MESSAGE_SHARE, port));
    expect_call();
    CHECK(pages_hold(pages, N, SENT));
    expect_apart(0, N);
    pages_fill(pages, N, 300);
    reply();
    client_end();
    CHECK(pages_hold(pages, N, 300));
}

/* The client calls again, and waits while we look. */
static void client_gets_twice(long nbytes) {
    pages = pages_map(N, 0);
    call_with(NULL, 0, pages, (size_t)nbytes, 0);
    CHECK(pages_hold(pages, N, SENT));
    call_only();
}

static void reply_and_receive_shares(void) {
    client_begin(client_gets_twice, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    CHECK_EQUAL(MESSAGE_CALL, sys_reply_receive(message.token, none, pages, N * PAGE, MESSAGE_SHARE,
                                                port, &message));
    expect_shared(0, N);
    reply();
    client_end();
    for (size_t i = 0; i < N; i++)
        CHECK_EQUAL(1, ours(i).count);
}

/* A part of the buffer, by offsets that are whole pages. */
static void parts_of_a_buffer(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    CHECK_EQUAL(2 * PAGE, take(3 * PAGE, pages + 3 * PAGE, 2 * PAGE));
    expect_shared(3, 5);
    expect_apart(0, 3);
    expect_apart(5, N);
    CHECK(pages_hold(pages, 3, BEFORE) && pages_hold(pages + 3 * PAGE, 2, SENT + 3));
    CHECK(pages_hold(pages + 5 * PAGE, 1, BEFORE + 5));
    CHECK_EQUAL(PAGE, take((N - 1) * PAGE, pages + 5 * PAGE, 2 * PAGE)); /* clipped to the buffer */
    expect_shared(5, N);
    CHECK_EQUAL(3 * PAGE, take(0, pages, 3 * PAGE));
    expect_shared(0, N);
    expect_writes_apart();
}

static void the_flag_is_known(void) {
    client_begin(client_sends, N * PAGE);
    char byte = 7;
    CHECK_EQUAL(-EINVAL, sys_message_read(message.token, 0, &byte, 1, port, MESSAGE_HANDLE));
    CHECK_EQUAL(-EINVAL, sys_message_write(message.token, 0, &byte, 1, port, 4));
    CHECK_EQUAL(-EINVAL, sys_reply(message.token, none, NULL, 0, 4, port));
    long words[4] = {0};
    CHECK_EQUAL(-EINVAL, sys_call(session, words, &byte, 1, NULL, 0, MESSAGE_SHARE));
    CHECK_EQUAL(7, byte);
    reply();
    expect_call();
    reply();
    client_end();
}

/* ---- Pages that do not lie alike ---- */

static char value_at(size_t i, int salt) { return (char)(i * 7 + i / PAGE + (size_t)salt); }

static void bytes_fill(char *bytes, size_t nbytes, int salt) {
    for (size_t i = 0; i < nbytes; i++)
        bytes[i] = value_at(i, salt);
}

/* => whether the bytes are those of bytes_fill from `from` on */
static bool bytes_hold(const char *bytes, size_t from, size_t nbytes, int salt) {
    for (size_t i = 0; i < nbytes; i++)
        if (bytes[i] != value_at(from + i, salt))
            return false;
    return true;
}

static void client_sends_bytes(long ignored) {
    (void)ignored;
    pages = pages_map(N, 0);
    bytes_fill(pages, N * PAGE, 1);
    call_with(pages, N * PAGE, pages, N * PAGE, 0);
    CHECK(bytes_hold(pages, 0, N * PAGE, 1));
    bytes_fill(pages, N * PAGE, 2);
    call_only();
    CHECK(bytes_hold(pages, 0, N * PAGE, 2));
}

/* Heads and tails are copied; the pages between are shared if both sides begin alike in a page. */
static void heads_and_tails(void) {
    static const struct {
        size_t from, to, nbytes, first_shared, end_shared; /* of our pages */
    } cases[] = {
        {100, 100, 3 * PAGE, 1, 3},
        {1, 1, 2 * PAGE - 1, 1, 2},
        {0, PAGE, 2 * PAGE + 1, 1, 3},
        {100, 101, 4 * PAGE, 0, 0},
        {PAGE - 1, PAGE - 1, PAGE + 2, 1, 2},
        {8, 8, PAGE, 0, 0},
        {0, 0, PAGE - 1, 0, 0},
    };
    client_begin(client_sends_bytes, 0);
    pages = pages_map(N, 0);
    for (size_t k = 0; k < array_length(cases); k++) {
        size_t from = cases[k].from, to = cases[k].to, n = cases[k].nbytes;
        bytes_fill(pages, N * PAGE, 50);
        CHECK_EQUAL(n, take(from, pages + to, n));
        CHECK(bytes_hold(pages, 0, to, 50) && bytes_hold(pages + to, from, n, 1));
        CHECK(bytes_hold(pages + to + n, to + n, N * PAGE - to - n, 50));
        for (size_t i = 0; i < N; i++)
            CHECK_EQUAL(cases[k].first_shared <= i && i < cases[k].end_shared ? 2 : 1,
                        ours(i).count);
    }
    bytes_fill(pages, N * PAGE, 50);
    reply();
    expect_call();
    reply();
    client_end();
}

/* Any piece, anywhere, both ways, against a plain copy. */
static void random_pieces(void) {
    static char expected[N * PAGE], source[N * PAGE];
    client_begin(client_sends_bytes, 0);
    pages = pages_map(N, 0);
    bytes_fill(pages, N * PAGE, 50);
    bytes_fill(expected, N * PAGE, 50);
    bytes_fill(source, N * PAGE, 1);
    for (int round = 0; round < 300; round++) {
        size_t step = check_random() % 2 ? PAGE : 1;
        size_t from = check_random() % (N * PAGE / step) * step;
        size_t to = check_random() % 4 ? from : check_random() % (N * PAGE / step) * step;
        size_t room = N * PAGE - (from > to ? from : to);
        size_t n = check_random() % (room / step + 1) * step;
        if (round % 3 == 2) {
            CHECK_EQUAL(n, give(from, pages + to, n));
            memcpy(source + from, expected + to, n);
        } else {
            CHECK_EQUAL(n, take(from, pages + to, n));
            memcpy(expected + to, source + from, n);
        }
        pages[to] = expected[to] = (char)round;
        if (memcmp(pages, expected, N * PAGE) != 0) {
            CHECK_EQUAL(-1, round);
            break;
        }
        if (round % 50 == 0)
            CHECK_EQUAL(0, sys_audit());
    }
    bytes_fill(source, N * PAGE, 1);
    CHECK_EQUAL(N * PAGE, give(0, source, N * PAGE));
    reply();
    expect_call();
    reply();
    client_end();
}

static const struct test share_tests[] = {
    {"read_shares", "whole pages that a server reads take no frame and no fault", read_shares},
    {"read_replaces", "shared pages come in the place of what was there", read_replaces},
    {"write_shares", "whole pages that a server writes are shared too", write_shares},
    {"reply_shares", "and those of a reply", reply_shares},
    {"reply_and_receive_shares", "and those of a reply that waits for the next call",
     reply_and_receive_shares},
    {"parts_of_a_buffer", "only the pages asked for are replaced", parts_of_a_buffer},
    {"the_flag_is_known", "a flag that is not known is EINVAL", the_flag_is_known},
    {"heads_and_tails", "what is no whole page is copied", heads_and_tails},
    {"random_pieces", "any piece arrives as a copy would", random_pieces},
    {0},
};
const struct test *const suites[] = {share_tests, NULL};
