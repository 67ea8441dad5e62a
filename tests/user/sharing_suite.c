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
static struct gate gate;

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
    others_wait();
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
        CHECK_EQUAL(PAGE_RESIDENT | PAGE_COW, ours(i).flags);
        CHECK_EQUAL(PAGE_RESIDENT | PAGE_COW, theirs(i).flags);
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
            CHECK_EQUAL(0, audit());
    }
    bytes_fill(source, N * PAGE, 1);
    CHECK_EQUAL(N * PAGE, give(0, source, N * PAGE));
    reply();
    expect_call();
    reply();
    client_end();
}

/* ---- Pages of all kinds ---- */

static void client_sends_some(long ignored) {
    (void)ignored;
    pages = pages_map(N, 0);
    pages_fill(pages + PAGE, 1, SENT + 1);
    CHECK_EQUAL(0, pages[2 * PAGE]); /* read, so the zero frame is there */
    call_with(pages, N * PAGE, NULL, 0, 0);
    CHECK(pages_hold(pages + PAGE, 1, SENT + 1));
    for (size_t i = 2; i < N; i++)
        CHECK_EQUAL(0, pages[i * PAGE]);
}

static void untouched_pages_are_zeros(void) {
    client_begin(client_sends_some, 0);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    size_t before = frames_free();
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    CHECK_EQUAL(before + N, frames_free());
    CHECK_EQUAL(0, ours(0).flags);
    CHECK_EQUAL(2, ours(1).count);
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_COW | PAGE_ZERO, ours(2).flags);
    CHECK_EQUAL(0, ours(3).flags);
    CHECK(pages_hold(pages + PAGE, 1, SENT + 1));
    for (size_t i = 0; i < N * PAGE; i++)
        if (pages[i] != 0 && i / PAGE != 1)
            CHECK_EQUAL(-1, i);
    pages_fill(pages, N, 300);
    reply();
    client_end();
    CHECK(pages_hold(pages, N, 300));
}

/* Its writers keep their right to write, so a page of a shared region cannot be shared. */
static void client_sends_shared_memory(long ignored) {
    (void)ignored;
    pages = pages_map(N, MAP_SHARE);
    pages_fill(pages, N, SENT);
    call_with(pages, N * PAGE, NULL, 0, 0);
    pages_fill(pages, N, 500);
    CHECK(page_of((int)sys_getpid(), pages).flags == (PAGE_RESIDENT | PAGE_WRITABLE));
    call_only();
    CHECK(pages_hold(pages, N, 500));
}

static void shared_memory_is_copied(void) {
    client_begin(client_sends_shared_memory, 0);
    pages = pages_map(N, 0);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    expect_apart(0, N);
    CHECK(pages_hold(pages, N, SENT));
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_WRITABLE, theirs(0).flags);
    expect_writes_apart();
}

static void wait_then_expect(long value) {
    gate_wait(&gate);
    CHECK(pages_hold(pages, N, (int)value));
}

/* What is sent into shared memory is seen by all that have it. */
static void shared_memory_gets_copies(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, MAP_SHARE);
    pages_fill(pages, N, BEFORE);
    gate_make(&gate);
    int sharer = child_start(wait_then_expect, SENT);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    CHECK_EQUAL(PAGE_RESIDENT | PAGE_WRITABLE, ours(0).flags);
    CHECK_EQUAL(1, theirs(0).count);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(sharer));
    expect_writes_apart();
}

static void protect(size_t first, size_t npages, unsigned rights) {
    CHECK_EQUAL(0, sys_protect((uintptr_t)pages + first * PAGE, npages * PAGE, rights));
}

static void targets_that_are_refused(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    protect(0, N, MAP_READ);
    CHECK_EQUAL(-EACCES, take(0, pages, N * PAGE));
    CHECK(pages_hold(pages, N, BEFORE));
    protect(0, 3, MAP_READ | MAP_WRITE);
    CHECK_EQUAL(-EACCES, take(0, pages, N * PAGE)); /* the pages before have come */
    CHECK(pages_hold(pages + 3 * PAGE, 3, BEFORE + 3));
    CHECK_EQUAL(-EACCES, take(0, (void *)(USER_IMAGE_BASE + PAGE), N * PAGE));
    pages_unmap(pages + 3 * PAGE, 1);
    CHECK_EQUAL(-EFAULT, take(0, pages, N * PAGE));
    CHECK_EQUAL(-EFAULT, take(0, NULL, N * PAGE));
    CHECK_EQUAL(-EFAULT, take(0, (void *)(USER_END - PAGE), N * PAGE));
    CHECK_EQUAL(-EFAULT, take(0, (void *)-(long)PAGE, N * PAGE));
    CHECK_EQUAL(-EACCES, take(0, (void *)(USER_STACK_TOP - USER_STACK_MAX - PAGE), PAGE));
    reply();
    expect_call();
    CHECK(pages_hold(pages, 3, SENT));
    reply();
    client_end();
}

/* The middle pages may be read only, and those after them not even that. */
static void client_sends_protected(long ignored) {
    (void)ignored;
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    protect(2, 2, MAP_READ);
    protect(4, 2, 0);
    call_with(pages, N * PAGE, NULL, 0, 0);
    CHECK_EQUAL(PAGE_RESIDENT, page_of((int)sys_getpid(), pages + 2 * PAGE).flags);
    protect(2, 4, MAP_READ | MAP_WRITE);
    pages_fill(pages, N, 500);
    call_only();
    CHECK(pages_hold(pages, N, 500));
}

static void sources_of_other_rights(void) {
    client_begin(client_sends_protected, 0);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    CHECK_EQUAL(-EACCES, take(0, pages, N * PAGE));
    CHECK_EQUAL(4 * PAGE, take(0, pages, 4 * PAGE));
    expect_shared(0, 2);
    CHECK(ours(2).count == 2 && ours(2).flags == (PAGE_RESIDENT | PAGE_COW));
    CHECK(pages_hold(pages, 4, SENT) && pages_hold(pages + 4 * PAGE, 2, BEFORE + 4));
    reply();
    expect_call();
    CHECK(pages_hold(pages, 4, SENT));
    pages_fill(pages, N, 300);
    reply();
    client_end();
    CHECK(pages_hold(pages, N, 300));
}

/* One message over three regions of ours: private, shared, and private that may be executed. */
static void targets_of_other_kinds(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    pages_unmap(pages + 2 * PAGE, 2);
    CHECK_EQUAL((long)pages + 2 * PAGE, sys_map((uintptr_t)pages + 2 * PAGE, 2 * PAGE,
                                                MAP_READ | MAP_WRITE | MAP_SHARE | MAP_AT));
    protect(4, 2, MAP_READ | MAP_WRITE | MAP_EXEC);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    expect_shared(0, 2);
    expect_apart(2, 4);
    expect_shared(4, N);
    CHECK(pages_hold(pages, N, SENT));
    expect_writes_apart();
}

/* ---- Within one address space ---- */

static void *calls_from_a_thread(void *ignored) {
    (void)ignored;
    call_with(pages, 2 * PAGE, pages + 4 * PAGE, 2 * PAGE, 0);
    return NULL;
}

static void messages_to_oneself(void) {
    pthread_t thread;
    set_up();
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    CHECK_EQUAL(0, pthread_create(&thread, NULL, calls_from_a_thread, NULL));
    expect_call();
    CHECK_EQUAL(2 * PAGE, take(0, pages + 2 * PAGE, 2 * PAGE));
    CHECK_EQUAL(2 * PAGE, give(0, pages + 2 * PAGE, 2 * PAGE));
    for (size_t i = 0; i < N; i += 2) {
        CHECK(pages_hold(pages + i * PAGE, 2, SENT));
        CHECK_EQUAL(1, ours(i).count);
        pages_fill(pages + i * PAGE, 2, 200 + (int)i);
    }
    CHECK(pages_hold(pages, N, 200));
    CHECK_EQUAL(2 * PAGE, take(0, pages + PAGE, 2 * PAGE)); /* they overlap: nothing breaks */
    CHECK_EQUAL(2 * PAGE, take(0, pages, 2 * PAGE));
    CHECK_EQUAL(0, audit());
    reply();
    CHECK_EQUAL(0, pthread_join(thread, NULL));
}

/* ---- No memory ---- */

#define FAR 0x2000200000 /* where no page table is; the pages before it take another leaf table */
#define HEAD 100

static char *eaten;
static size_t eaten_pages;

static void eat(size_t nframes_left) {
    others_wait();
    eaten_pages = frames_free() + 1;
    (void)memory_eat(nframes_left, &eaten);
}

static void spit(void) { pages_unmap(eaten, eaten_pages); }

/* Where the child takes HEAD.. of the client's buffer to, with so many frames left. */
static char *target;
static size_t frames_left;

static void take_with_little_memory(long fresh) {
    size_t nbytes = 4 * PAGE;
    long result = 0;
    if (fresh)
        CHECK_EQUAL((long)target,
                    sys_map((uintptr_t)target, N * PAGE, MAP_READ | MAP_WRITE | MAP_AT));
    eat(frames_left);
    result = take(HEAD, target + HEAD, nbytes);
    spit();
    if (result == (long)nbytes) {
        CHECK(bytes_hold(target + HEAD, HEAD, nbytes, 1));
        _exit(check_failures ? 1 : 2);
    }
    CHECK_EQUAL(-ENOMEM, result);
    for (size_t i = HEAD; i < HEAD + nbytes; i += PAGE - i % PAGE) {
        size_t n = PAGE - i % PAGE < HEAD + nbytes - i ? PAGE - i % PAGE : HEAD + nbytes - i;
        bool come = bytes_hold(target + i, i, n, 1);
        bool old = fresh ? target[i] == 0 && memcmp(target + i, target + i + 1, n - 1) == 0
                         : bytes_hold(target + i, i, n, 50);
        CHECK(come || old);
    }
    CHECK_EQUAL(0, audit());
}

/* => how many frames it took until it worked */
static size_t take_with_more_and_more(long fresh) {
    int status = 0;
    for (frames_left = 0; status == 0 && frames_left < 10; frames_left++) {
        status = child_run(take_with_little_memory, fresh);
        CHECK_EQUAL(0, audit());
    }
    CHECK_EQUAL(STATUS_EXITED(2), status);
    return frames_left - 1;
}

static void no_memory(void) {
    client_begin(client_sends_bytes, 0);
    pages = pages_map(N, 0);
    bytes_fill(pages, N * PAGE, 50);
    target = pages;
    CHECK_EQUAL(2, take_with_more_and_more(0)); /* head and tail are shared with us, and copied */
    CHECK(bytes_hold(pages, 0, N * PAGE, 50));
    target = (char *)FAR - 3 * PAGE;
    CHECK_EQUAL(5, take_with_more_and_more(1)); /* three tables more */
    reply();
    expect_call();
    reply();
    client_end();
}

/* The first pages have no table, and the others hold bytes: those stay when there is no table. */
static void no_memory_for_the_first_pages(void) {
    client_begin(client_sends, N * PAGE);
    pages = (char *)FAR - 3 * PAGE;
    CHECK_EQUAL((long)pages, sys_map((uintptr_t)pages, N * PAGE, MAP_READ | MAP_WRITE | MAP_AT));
    pages_fill(pages + 3 * PAGE, 3, BEFORE + 3);
    eat(0);
    long result = take(0, pages, N * PAGE);
    spit();
    CHECK_EQUAL(-ENOMEM, result);
    CHECK(pages_hold(pages + 3 * PAGE, 3, BEFORE + 3));
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    expect_writes_apart();
}

/* Pages that are there already and nobody else's need no memory to be replaced. */
static void no_memory_is_needed(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    eat(0);
    long result = take(0, pages, N * PAGE);
    spit();
    CHECK_EQUAL(N * PAGE, result);
    expect_shared(0, N);
    expect_writes_apart();
}

/* The reply's error is the client's; the server's reply has succeeded. */
static void client_gets_far(long ignored) {
    (void)ignored;
    long words[4] = {sys_getpid(), FAR};
    CHECK_EQUAL(FAR, sys_map(FAR, N * PAGE, MAP_READ | MAP_WRITE | MAP_AT));
    CHECK_EQUAL(-ENOMEM, sys_call(session, words, NULL, 0, (void *)FAR, N * PAGE, 0));
    call_with(NULL, 0, (void *)FAR, N * PAGE, 0);
    CHECK(pages_hold((char *)FAR, N, SENT));
}

static void no_memory_for_a_reply(void) {
    client_begin(client_gets_far, 0);
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    eat(0);
    long result = sys_reply(message.token, none, pages, N * PAGE, MESSAGE_SHARE, port);
    spit();
    CHECK_EQUAL(0, result);
    expect_call();
    CHECK_EQUAL(0, sys_reply(message.token, none, pages, N * PAGE, MESSAGE_SHARE, port));
    client_end();
    CHECK(pages_hold(pages, N, SENT));
}

/* ---- One side ends, or forks ---- */

static void the_sender_ends(void) {
    client_begin(client_sends, N * PAGE);
    pages = pages_map(N, 0);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    CHECK_EQUAL(0, sys_kill(client, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(client));
    others_wait();
    CHECK_EQUAL(-ESRCH, take(0, pages, N * PAGE));
    CHECK_EQUAL(1, ours(N - 1).count);
    CHECK(pages_hold(pages, N, SENT));
    struct memory_info before = memory_now(), after = memory_now();
    pages_fill(pages, N, 300);
    CHECK_EQUAL(0, sys_memory_info(&after));
    CHECK_EQUAL(before.reuses + N, after.reuses);
    CHECK_EQUAL(before.copies, after.copies);
}

static void serves_and_ends(long ignored) {
    (void)ignored;
    expect_call();
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    CHECK_EQUAL(N * PAGE, give(0, pages, N * PAGE));
}

static void the_receiver_ends(void) {
    set_up();
    int server = child_start(serves_and_ends, 0);
    pages = pages_map(N, 0);
    pages_fill(pages, N, BEFORE);
    long words[4] = {sys_getpid(), (long)pages};
    CHECK_EQUAL(-ECONNRESET, sys_call(session, words, NULL, 0, pages, N * PAGE, 0));
    CHECK_EQUAL(0, child_wait(server));
    CHECK(pages_hold(pages, N, SENT));
    CHECK_EQUAL(1, ours(0).count);
}

static void writes(long value) {
    CHECK(pages_hold(pages, N, SENT));
    pages_fill(pages, N, (int)value);
    CHECK(pages_hold(pages, N, (int)value));
}

static void client_forks(long ignored) {
    (void)ignored;
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    call_with(pages, N * PAGE, NULL, 0, 0);
    CHECK_EQUAL(0, child_run(writes, 600));
    CHECK(pages_hold(pages, N, SENT));
    int child = child_start(writes, 700);
    pages_fill(pages, N, 500);
    CHECK_EQUAL(0, child_wait(child));
    CHECK(pages_hold(pages, N, 500));
    call_only();
}

static void forks_after_sharing(void) {
    client_begin(client_forks, 0);
    pages = pages_map(N, 0);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    gate_make(&gate);
    int child = child_start(wait_then_expect, SENT);
    CHECK_EQUAL(3, ours(0).count);
    CHECK_EQUAL(3, theirs(N - 1).count);
    CHECK_EQUAL(0, child_run(writes, 400));
    reply();
    expect_call();
    CHECK_EQUAL(0, audit());
    writes(300);
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
    reply();
    client_end();
    CHECK(pages_hold(pages, N, 300));
}

/* What one client sent goes on to another: three have it. */
static void pages_go_on(void) {
    client_begin(client_sends, N * PAGE);
    struct message first = message;
    char *first_pages = their_pages;
    pages = pages_map(N, 0);
    int second = child_start(client_gets_twice, N * PAGE);
    CHECK_EQUAL(N * PAGE, take(0, pages, N * PAGE));
    expect_call();
    CHECK_EQUAL(N * PAGE, give(0, pages, N * PAGE));
    CHECK_EQUAL(3, ours(0).count);
    CHECK_EQUAL(3, theirs(0).count);
    CHECK_EQUAL(3, page_of((int)first.word[0], first_pages).count);
    pages_fill(pages, N, 300);
    CHECK_EQUAL(2, theirs(0).count);
    reply();
    CHECK_EQUAL(0, sys_reply(first.token, none, NULL, 0, 0, port));
    for (int i = 0; i < 2; i++) {
        expect_call();
        reply();
    }
    CHECK_EQUAL(0, child_wait(second));
    CHECK_EQUAL(0, child_wait((int)first.word[0]));
    CHECK(pages_hold(pages, N, 300));
}

/* ---- Files ---- */

#define FILE_NAME "/tmp/shared"

static int file_begin(void) {
    int file = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0);
    pages = pages_map(N, 0);
    pages_fill(pages, N, SENT);
    return file;
}

static void file_end(int file) {
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink(FILE_NAME));
}

static void expect_counts(const char *at, uint32_t count) {
    for (size_t i = 0; i < N; i++)
        CHECK_EQUAL(count, page_of((int)sys_getpid(), at + i * PAGE).count);
}

/* What is read is shared, and what changes on either side then is not. */
static void reading_a_file_shares(void) {
    int file = file_begin();
    CHECK_EQUAL(PAGE, write(file, pages, PAGE)); /* too little to be shared */
    CHECK_EQUAL(2 * PAGE + 100, write(file, pages + PAGE, 2 * PAGE + 100));
    CHECK_EQUAL(3 * PAGE - 100, write(file, pages + 3 * PAGE + 100, 3 * PAGE - 100));
    expect_counts(pages, 1);
    char *one = pages_map(N, 0), *other = pages_map(N, 0);
    CHECK_EQUAL(N * PAGE, pread(file, one, N * PAGE, 0));
    CHECK_EQUAL(N * PAGE, pread(file, other, N * PAGE, 0));
    expect_counts(one, 3);
    pages_fill(one, N, 300);
    expect_counts(other, 2);
    for (size_t i = 0; i < N; i++)
        CHECK_EQUAL(4, pwrite(file, &(int){400 + (int)i}, 4, (off_t)(i * PAGE)));
    CHECK(pages_hold(one, N, 300) && pages_hold(other, N, SENT));
    expect_counts(other, 1);
    CHECK_EQUAL(N * PAGE, pread(file, one, N * PAGE, 0));
    CHECK(pages_hold(one, N, 400));
    file_end(file);
    servers_settle();
    CHECK(pages_hold(one, N, 400) && pages_hold(other, N, SENT));
    expect_counts(one, 1);
}

static void writing_a_file_shares(void) {
    int file = file_begin();
    char *others = pages_map(N, 0);
    pages_fill(others, N, 200);
    others_wait();
    size_t before = frames_free();
    CHECK_EQUAL(N * PAGE, write(file, pages, N * PAGE));
    CHECK(before - frames_free() <= 4); /* tables and the list of pages */
    expect_counts(pages, 2);
    CHECK_EQUAL(N * PAGE, pwrite(file, others, N * PAGE, 0)); /* over what is there */
    expect_counts(pages, 1);
    expect_counts(others, 2);
    CHECK_EQUAL(5 * PAGE, pwrite(file, pages + PAGE, 5 * PAGE, 0));
    pages_fill(pages, N, 600);
    pages_fill(others, N, 700);
    CHECK_EQUAL(N * PAGE, pread(file, others, N * PAGE, 0));
    CHECK(pages_hold(others, 5, SENT + 1) && pages_hold(others + 5 * PAGE, 1, 205));
    file_end(file);
}

/* Parts of pages at both ends, then a source that ends in the middle, over what the file had. */
static void writing_parts_of_pages(void) {
    static char expected[N * PAGE], found[N * PAGE];
    int file = file_begin();
    bytes_fill(pages, N * PAGE, 1);
    for (size_t head = 0; head < 300; head += 100) {
        size_t n = 4 * PAGE + 2 * head;
        bytes_fill(expected, N * PAGE, 50);
        CHECK_EQUAL(N * PAGE, pwrite(file, expected, N * PAGE, 0));
        CHECK_EQUAL(n, pwrite(file, pages + 200, n, (off_t)head));
        memcpy(expected + head, pages + 200, n);
        CHECK_EQUAL(N * PAGE, pread(file, found, N * PAGE, 0));
        CHECK(memcmp(expected, found, N * PAGE) == 0);
        pages[PAGE + head] = 9;
        CHECK_EQUAL(N * PAGE, pread(file, found, N * PAGE, 0));
        CHECK(memcmp(expected, found, N * PAGE) == 0);
    }
    pages_unmap(pages + 5 * PAGE, 1);
    CHECK_EQUAL(-1, pwrite(file, pages, N * PAGE, 2 * PAGE));
    CHECK_EQUAL(EFAULT, errno);
    CHECK_EQUAL(N * PAGE, lseek(file, 0, SEEK_END)); /* as long as before */
    CHECK_EQUAL(N * PAGE, pread(file, found, N * PAGE, 0));
    CHECK(memcmp(expected, found, 2 * PAGE) == 0);
    file_end(file);
}

static int shell(const char *command) {
    int pid = (int)sys_fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    return child_wait(pid);
}

/* A large file: a copy of it copies no byte of it and takes no frame for it. */
static void copying_a_file_shares(void) {
    static const char *const commands[] = {"cp /tmp/shared /tmp/copy",
                                           "cat /tmp/shared > /tmp/copy"};
    const size_t npages = 512;
    int file = file_begin();
    char *bytes = pages_map(npages, 0), *copy = pages_map(npages, 0);
    pages_fill(bytes, npages, SENT);
    CHECK_EQUAL(npages * PAGE, write(file, bytes, npages * PAGE));
    for (size_t i = 0; i < array_length(commands); i++) {
        CHECK_EQUAL(0, shell(commands[i])); /* what the file server keeps, it has now */
        CHECK_EQUAL(0, unlink("/tmp/copy"));
        others_wait();
        struct memory_info before = memory_now(), after = memory_now();
        CHECK_EQUAL(0, shell(commands[i]));
        CHECK_EQUAL(0, sys_memory_info(&after));
        CHECK(after.copies - before.copies < 100 && after.zero_fills - before.zero_fills < 100);
        CHECK(before.frames_free < after.frames_free + 50);
        int second = open("/tmp/copy", O_RDONLY);
        CHECK_EQUAL(npages * PAGE, read(second, copy, npages * PAGE));
        CHECK(pages_hold(copy, npages, SENT));
        CHECK_EQUAL(4, page_of((int)sys_getpid(), copy).count);
        CHECK_EQUAL(4, page_of((int)sys_getpid(), bytes + (npages - 1) * PAGE).count);
        CHECK_EQUAL(0, close(second));
        CHECK_EQUAL(0, unlink("/tmp/copy"));
    }
    file_end(file);
}

/* The file's pages are ours too, so that the file server needs a frame for each that it changes. */
static void no_memory_for_the_file_server(void) {
    int file = file_begin();
    CHECK_EQUAL(N * PAGE, write(file, pages, N * PAGE));
    eat(0);
    long write_error = pwrite(file, "x", 1, 0) < 0 ? errno : 0;
    long truncate_error = ftruncate(file, 3 * PAGE + 8) < 0 ? errno : 0;
    long truncate_whole = ftruncate(file, 3 * PAGE);
    spit();
    CHECK_EQUAL(ENOSPC, write_error);
    CHECK_EQUAL(ENOSPC, truncate_error);
    CHECK_EQUAL(0, truncate_whole);
    CHECK(pages_hold(pages, N, SENT));
    char *found = pages_map(N, 0);
    CHECK_EQUAL(3 * PAGE, pread(file, found, N * PAGE, 0));
    CHECK(pages_hold(found, 3, SENT));
    file_end(file);
}

/* ---- Pipes ---- */

#define MANY 16 /* pages: as much as a pipe holds */

/* Large moves are shared on their way in and out; small ones in between keep their bytes. */
static void pipes_share(void) {
    int ends[2];
    char *out = pages_map(MANY, 0), *in = pages_map(MANY, 0), word[8] = "";
    CHECK_EQUAL(0, pipe(ends));
    for (int round = 0; round < 3; round++) {
        pages_fill(out, MANY, SENT + round);
        CHECK_EQUAL(MANY * PAGE, write(ends[1], out, MANY * PAGE));
        CHECK_EQUAL(2, page_of((int)sys_getpid(), out).count);
        CHECK_EQUAL(MANY * PAGE, read(ends[0], in, MANY * PAGE));
        CHECK_EQUAL(3, page_of((int)sys_getpid(), in + (MANY - 1) * PAGE).count);
        pages_fill(out, MANY, 300);
        CHECK(pages_hold(in, MANY, SENT + round));
        CHECK_EQUAL(5, write(ends[1], "small", 5)); /* into a page that we have too */
        CHECK_EQUAL(10 * PAGE, write(ends[1], out, 10 * PAGE));
        CHECK_EQUAL(5, read(ends[0], word, 5));
        CHECK(memcmp(word, "small", 5) == 0);
        CHECK_EQUAL(10 * PAGE, read(ends[0], in + PAGE, 12 * PAGE));
        CHECK(pages_hold(in, 1, SENT + round) && pages_hold(in + PAGE, 10, 300));
        CHECK(pages_hold(in + 11 * PAGE, 5, SENT + round + 11));
    }
    close(ends[0]);
    close(ends[1]);
}

/* The ring's pages are ours too: the server needs a frame for each that it stores to. */
static void no_memory_for_the_pipe_server(void) {
    int ends[2];
    char byte = 0;
    pages = pages_map(MANY, 0);
    pages_fill(pages, MANY, SENT);
    CHECK_EQUAL(0, pipe(ends));
    CHECK_EQUAL(MANY * PAGE, write(ends[1], pages, MANY * PAGE));
    char *in = pages_map(MANY, 0);
    CHECK_EQUAL(MANY * PAGE, read(ends[0], in, MANY * PAGE));
    eat(0);
    long result = write(ends[1], "x", 1), error = errno;
    spit();
    CHECK_EQUAL(-1, result);
    CHECK_EQUAL(ENOMEM, error);
    CHECK_EQUAL(1, write(ends[1], "y", 1));
    CHECK_EQUAL(1, read(ends[0], &byte, 1));
    CHECK_EQUAL('y', byte);
    CHECK(pages_hold(pages, MANY, SENT) && pages_hold(in, MANY, SENT));
    close(ends[0]);
    close(ends[1]);
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
    {"untouched_pages_are_zeros", "a page that nobody touched arrives as zeros, without a frame",
     untouched_pages_are_zeros},
    {"shared_memory_is_copied", "a page of a shared region is copied", shared_memory_is_copied},
    {"shared_memory_gets_copies", "bytes that go into shared memory are seen by all that have it",
     shared_memory_gets_copies},
    {"targets_that_are_refused", "what the receiver may not write does not change",
     targets_that_are_refused},
    {"sources_of_other_rights", "what may be read can be shared, and what may not is refused",
     sources_of_other_rights},
    {"targets_of_other_kinds", "a message over several regions", targets_of_other_kinds},
    {"messages_to_oneself", "within one address space pages are copied", messages_to_oneself},
    {"no_memory", "no memory, wherever it ends, leaves each page old or new", no_memory},
    {"no_memory_for_the_first_pages", "pages that could not come leave those that were there",
     no_memory_for_the_first_pages},
    {"no_memory_is_needed", "pages that are there are replaced without memory",
     no_memory_is_needed},
    {"no_memory_for_a_reply", "a reply without memory for the client is the client's error",
     no_memory_for_a_reply},
    {"the_sender_ends", "who is left takes the pages", the_sender_ends},
    {"the_receiver_ends", "a server that ends leaves what it gave", the_receiver_ends},
    {"forks_after_sharing", "pages that came by message are shared by fork as others are",
     forks_after_sharing},
    {"pages_go_on", "pages that came by message can be sent on", pages_go_on},
    {"reading_a_file_shares", "read() shares the file's pages, and later changes stay apart",
     reading_a_file_shares},
    {"writing_a_file_shares", "write() shares the writer's pages, and later changes stay apart",
     writing_a_file_shares},
    {"writing_parts_of_pages", "a large write with parts of pages is a write",
     writing_parts_of_pages},
    {"copying_a_file_shares", "cp and cat of a large file copy no page", copying_a_file_shares},
    {"no_memory_for_the_file_server",
     "a full machine is an error of the write, not the server's end",
     no_memory_for_the_file_server},
    {"pipes_share", "large moves through a pipe copy no page, and change none", pipes_share},
    {"no_memory_for_the_pipe_server", "a pipe outlives a full machine, and tells the writer",
     no_memory_for_the_pipe_server},
    {0},
};
const struct test *const suites[] = {share_tests, NULL};
