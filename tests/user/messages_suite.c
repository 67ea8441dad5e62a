/* Messages between processes, and what becomes of them when a side is wrong, late or gone.
 *
 * Each test makes a port and a session. The test's own process serves unless it says otherwise;
 * its clients are children. client_begin and server_begin leave each side its own end only, so that
 * an end goes with its process. */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define BADGE 0xbad9e0123456789a
#define BADGE_OTHER 5
#define NCLIENTS 5

static int port, session, other; /* `other` leads to the same port with BADGE_OTHER */
static struct gate gate;
static char *pages;
static long *shared; /* in shared memory */
static struct message message;

static void set_up(void) {
    port = (int)sys_port_create();
    session = (int)sys_session_create(port, BADGE);
    other = (int)sys_session_create(port, BADGE_OTHER);
    CHECK(port >= 0 && session >= 0 && other >= 0);
    shared = (long *)pages_map(1, MAP_SHARE);
}

static void client_begin(void) {
    CHECK_EQUAL(0, sys_handle_close(port));
    CHECK_EQUAL(0, sys_handle_close(other));
}

static void sessions_close(void) {
    CHECK_EQUAL(0, sys_handle_close(session));
    CHECK_EQUAL(0, sys_handle_close(other));
}

static long receive(void *buffer, size_t nbytes) {
    return sys_receive(port, buffer, nbytes, &message);
}

/* Once all clients and bystanders have begun: hear of the session that none of them has kept. */
static void server_begin(void) {
    sessions_close();
    CHECK_EQUAL(MESSAGE_CLOSED, receive(NULL, 0));
    CHECK_EQUAL(BADGE_OTHER, message.badge);
}

/* The next message is a call with this first word. */
static void expect_call(long word) {
    CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    CHECK_EQUAL(word, message.word[0]);
}

static void expect_closed(uint64_t badge) {
    CHECK_EQUAL(MESSAGE_CLOSED, receive(NULL, 0));
    CHECK_EQUAL(badge, message.badge);
}

static void reply_word(uint64_t token, long word) {
    const long words[4] = {word};
    CHECK_EQUAL(0, sys_reply(token, words, NULL, 0, 0, port));
}

/* A call of words alone. => its result; *word: the first in, the first of the reply out */
static long call_word(int by, long *word) {
    long words[4] = {*word};
    long result = sys_call(by, words, NULL, 0, NULL, 0, 0);
    *word = words[0];
    return result;
}

static void client_calls(long word) {
    long answer = word;
    client_begin();
    CHECK_EQUAL(0, call_word(session, &answer));
    CHECK_EQUAL(-word, answer);
}

/* No notice has come: it would come before this call. */
static void other_calls(long word) { CHECK_EQUAL(0, call_word(other, &word)); }

static void expect_no_notice(void) {
    int child = child_start(other_calls, 77);
    expect_call(77);
    CHECK_EQUAL(BADGE_OTHER, message.badge);
    reply_word(message.token, 0);
    CHECK_EQUAL(0, child_wait(child));
}

/* ---- Words and data ---- */

static const long extremes[] = {0, 1, -1, INT64_MIN, INT64_MAX, 0x123456789abcdef0};

static void calls_with_words(long ignored) {
    (void)ignored;
    client_begin();
    for (size_t i = 0; i < array_length(extremes); i++) {
        long words[4] = {extremes[i], (long)i, ~extremes[i], extremes[i] + 3};
        CHECK_EQUAL(0, sys_call(session, words, NULL, 0, NULL, 0, 0));
        CHECK(words[0] == ~extremes[i] && words[1] == extremes[i] + 1 && words[2] == 7 &&
              words[3] == -(long)i);
    }
}

static void words(void) {
    set_up();
    int child = child_start(calls_with_words, 0);
    server_begin();
    for (size_t i = 0; i < array_length(extremes); i++) {
        CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
        CHECK(message.word[0] == extremes[i] && message.word[1] == (long)i &&
              message.word[2] == ~extremes[i] && message.word[3] == extremes[i] + 3);
        CHECK_EQUAL(BADGE, message.badge);
        CHECK_EQUAL(0, message.flags);
        CHECK_EQUAL(0, message.out_bytes);
        CHECK_EQUAL(0, message.in_bytes);
        const long answer[4] = {~extremes[i], extremes[i] + 1, 7, -(long)i};
        CHECK_EQUAL(0, sys_reply(message.token, answer, NULL, 0, 0, port));
    }
    CHECK_EQUAL(0, child_wait(child));
}

static const size_t sizes[] = {0, 1, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 100000};
#define DATA_MAX 100000
#define MARGIN 64
static char out[DATA_MAX + 2 * MARGIN], in[DATA_MAX + 2 * MARGIN];

static char pattern(size_t i, char salt) { return (char)(i * 7 + i / PAGE + (size_t)salt); }

static void pattern_fill(char *bytes, size_t nbytes, char salt) {
    for (size_t i = 0; i < nbytes; i++)
        bytes[i] = pattern(i, salt);
}

/* => whether the bytes from `from` on are those that pattern_fill puts there */
static bool pattern_holds(const char *bytes, size_t from, size_t nbytes, char salt) {
    for (size_t i = 0; i < nbytes; i++)
        if (bytes[i] != pattern(from + i, salt))
            return false;
    return true;
}

static bool all(const char *bytes, size_t nbytes, char value) {
    for (size_t i = 0; i < nbytes; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static void calls_with_data(long shift) {
    client_begin();
    for (size_t i = 0; i < array_length(sizes); i++) {
        long words[4] = {0};
        pattern_fill(out + shift, sizes[i], 'o');
        memset(in, 9, sizeof in);
        CHECK_EQUAL(
            0, sys_call(session, words, out + shift, sizes[i], in + MARGIN + shift, sizes[i], 0));
        CHECK(pattern_holds(in + MARGIN + shift, 0, sizes[i], 'i'));
        CHECK(all(in, MARGIN + (size_t)shift, 9));
        CHECK(all(in + MARGIN + shift + sizes[i], MARGIN - (size_t)shift, 9));
    }
}

/* Data that fits comes with the message, else it is fetched; half goes back before the reply. */
static void data_both_ways(void) {
    static const size_t first = 1000;
    for (long shift = 0; shift < 10; shift += 3) {
        set_up();
        int child = child_start(calls_with_data, shift);
        server_begin();
        for (size_t i = 0; i < array_length(sizes); i++) {
            size_t n = sizes[i], come = n <= first ? n : 0, half = n / 2;
            const long answer[4] = {0};
            memset(in, 9, sizeof in);
            CHECK_EQUAL(MESSAGE_CALL, receive(in, first));
            CHECK_EQUAL(n, message.out_bytes);
            CHECK_EQUAL(n, message.in_bytes);
            CHECK(pattern_holds(in, 0, come, 'o') && all(in + come, MARGIN, 9));
            CHECK_EQUAL(n - come, sys_message_read(message.token, come, in, n, port, 0));
            CHECK(pattern_holds(in, come, n - come, 'o') && in[n] == 9);
            pattern_fill(out, n, 'i');
            CHECK_EQUAL(n - half, sys_message_write(message.token, half, out + half, n, port, 0));
            CHECK_EQUAL(0, sys_reply(message.token, answer, out, half, 0, port));
        }
        CHECK_EQUAL(0, child_wait(child));
    }
}

/* A bystander: it has the pages, and nothing to do with the messages. */
static void expect_fives(long ignored) {
    (void)ignored;
    CHECK_EQUAL(0, sys_handle_close(port));
    sessions_close();
    gate_wait(&gate);
    CHECK(all(pages, 4 * PAGE, 5));
}

#define CLIENT_OUT 77
#define CLIENT_IN 2001
#define SERVER_IN 333
#define SERVER_OUT 1234

static void calls_on_shared_pages(long nbytes) {
    long words[4] = {0};
    client_begin();
    CHECK_EQUAL(0, sys_call(session, words, pages + CLIENT_OUT, (size_t)nbytes, pages + CLIENT_IN,
                            (size_t)nbytes, 0));
    CHECK(all(pages, CLIENT_IN, 5));
    CHECK(pattern_holds(pages + CLIENT_IN, 0, (size_t)nbytes, 'i'));
    CHECK(all(pages + CLIENT_IN + nbytes, 4 * PAGE - CLIENT_IN - (size_t)nbytes, 5));
}

/* Three processes have the same frames; what two of them exchange, no other sees. */
static void data_over_shared_pages(void) {
    size_t nbytes = 2 * PAGE + 50;
    const long answer[4] = {0};
    set_up();
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    gate_make(&gate);
    int holder = child_start(expect_fives, 0);
    int client = child_start(calls_on_shared_pages, (long)nbytes);
    process_wait_blocked(holder);
    server_begin();
    CHECK_EQUAL(3, page_of(client, pages + PAGE).count);
    pattern_fill(out, nbytes, 'i');
    CHECK_EQUAL(MESSAGE_CALL, receive(pages + SERVER_IN, nbytes));
    CHECK_EQUAL(2, page_of(client, pages + PAGE).count);
    CHECK(all(pages, 4 * PAGE, 5)); /* the client's fives lie on our own */
    CHECK_EQUAL(1, page_of((int)sys_getpid(), pages + PAGE).count);
    memset(pages, 6, 4 * PAGE);
    CHECK_EQUAL(nbytes - 100,
                sys_message_read(message.token, 0, pages + SERVER_IN, nbytes - 100, port, 0));
    CHECK(all(pages, SERVER_IN, 6) && all(pages + SERVER_IN, nbytes - 100, 5));
    CHECK(all(pages + SERVER_IN + nbytes - 100, 4 * PAGE - SERVER_IN - nbytes + 100, 6));
    memcpy(pages + SERVER_OUT, out, nbytes);
    CHECK_EQUAL(0, sys_reply(message.token, answer, pages + SERVER_OUT, nbytes, 0, port));
    CHECK_EQUAL(0, child_wait(client));
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(holder));
}

/* The bytes that a server reads are those of the client's in buffer that it has just written. */
static void calls_with_one_buffer(long nbytes) {
    long words[4] = {0};
    client_begin();
    CHECK_EQUAL(0,
                sys_call(session, words, pages + 9, (size_t)nbytes, pages + 9, (size_t)nbytes, 0));
    CHECK(all(pages, 9, 5) && pattern_holds(pages + 9, 0, (size_t)nbytes, 'i'));
}

static void one_buffer_for_both(void) {
    size_t nbytes = 2 * PAGE;
    set_up();
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    int client = child_start(calls_with_one_buffer, (long)nbytes);
    server_begin();
    CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    pattern_fill(out, nbytes, 'i');
    CHECK_EQUAL(nbytes, sys_message_write(message.token, 0, out, nbytes, port, 0));
    CHECK_EQUAL(nbytes, sys_message_read(message.token, 0, in, nbytes, port, 0));
    CHECK(pattern_holds(in, 0, nbytes, 'i'));
    CHECK(all(pages, 4 * PAGE, 5));
    reply_word(message.token, 0);
    CHECK_EQUAL(0, child_wait(client));
}

/* More than the kernel moves in one stay comes in parts; a reply with so much is refused. */
#define LARGE (MESSAGE_COPY_MAX + 3 * PAGE + 5)

static void calls_with_large_data(long ignored) {
    long words[4] = {0};
    char *from = pages_map(LARGE / PAGE + 1, 0), *to = pages_map(LARGE / PAGE + 1, 0);
    (void)ignored;
    client_begin();
    pattern_fill(from, LARGE, 'o');
    CHECK_EQUAL(0, sys_call(session, words, from, LARGE, to, LARGE, 0));
    CHECK(pattern_holds(to, 0, LARGE, 'i'));
}

static void data_in_parts(void) {
    const long answer[4] = {0};
    set_up();
    char *bytes = pages_map(LARGE / PAGE + 1, 0);
    int client = child_start(calls_with_large_data, 0);
    CHECK_EQUAL(MESSAGE_CALL, receive(bytes, LARGE));
    long a[8] = {(long)message.token, 1, (long)bytes, LARGE, port, 0};
    syscall8(SYS_MESSAGE_READ, a);
    CHECK_EQUAL(MESSAGE_COPY_MAX, a[0]);
    CHECK_EQUAL(LARGE, sys_message_read(message.token, 0, bytes, LARGE, port, 0));
    CHECK(pattern_holds(bytes, 0, LARGE, 'o'));
    pattern_fill(bytes, LARGE, 'i');
    CHECK_EQUAL(LARGE, sys_message_write(message.token, 0, bytes, LARGE, port, 0));
    CHECK_EQUAL(-EMSGSIZE, sys_reply(message.token, answer, bytes, LARGE, 0, port));
    CHECK_EQUAL(0, sys_reply(message.token, answer, bytes, MESSAGE_COPY_MAX, 0, port));
    CHECK_EQUAL(0, child_wait(client));
    pages_unmap(bytes, LARGE / PAGE + 1);
}

/* ---- Order, and tokens ---- */

static int clients[NCLIENTS];

/* Clients that call with 1, 2, 3..., in this order. */
static void clients_start(void) {
    for (int i = 0; i < NCLIENTS; i++) {
        clients[i] = child_start(client_calls, i + 1);
        process_wait_blocked(clients[i]);
    }
}

static void clients_wait(void) {
    for (int i = 0; i < NCLIENTS; i++)
        CHECK_EQUAL(0, child_wait(clients[i]));
}

static void calls_come_in_order(void) {
    set_up();
    clients_start();
    server_begin();
    for (int i = 1; i <= NCLIENTS; i++) {
        expect_call(i);
        reply_word(message.token, -i);
    }
    clients_wait();
    expect_closed(BADGE);
}

static void late_replies(void) {
    uint64_t tokens[NCLIENTS];
    set_up();
    clients_start();
    for (int i = 0; i < NCLIENTS; i++) {
        expect_call(i + 1);
        tokens[i] = message.token;
    }
    for (int i = NCLIENTS - 1; i >= 0; i--) {
        CHECK_EQUAL(0, sys_wait(clients[i], NULL, WAIT_NO_HANG));
        reply_word(tokens[i], -(i + 1));
        CHECK_EQUAL(0, child_wait(clients[i]));
    }
}

/* A reply and the next receive in one call, with the buffer of the last RECEIVE. */
static void calls_with_a_byte(long value) {
    long words[4] = {0};
    char byte = (char)value, back = 0;
    client_begin();
    for (int i = 0; i < 20; i++, byte++) {
        CHECK_EQUAL(0, sys_call(session, words, &byte, 1, &back, 1, 0));
        CHECK_EQUAL((char)(byte + 1), back);
    }
}

static void reply_and_receive(void) {
    const long none[4] = {0};
    char byte = 0;
    int ncalls = 0;
    set_up();
    for (int i = 0; i < NCLIENTS; i++)
        clients[i] = child_start(calls_with_a_byte, 11 * i);
    for (int i = 0; i < NCLIENTS; i++)
        process_wait_blocked(clients[i]);
    server_begin();
    for (long kind = receive(&byte, 1); kind == MESSAGE_CALL; ncalls++) {
        byte++;
        kind = sys_reply_receive(message.token, none, &byte, 1, 0, port, &message);
    }
    CHECK_EQUAL(20 * NCLIENTS, ncalls);
    CHECK_EQUAL(BADGE, message.badge);
    clients_wait();
}

/* Whatever a token is asked for. */
static void expect_stale(uint64_t token) {
    static const long none[4] = {0};
    char byte = 0;
    CHECK_EQUAL(-ESRCH, sys_reply(token, none, NULL, 0, 0, port));
    CHECK_EQUAL(-ESRCH, sys_reply(token, none, &byte, 1, 0, port));
    CHECK_EQUAL(-ESRCH, sys_message_read(token, 0, &byte, 1, port, 0));
    CHECK_EQUAL(-ESRCH, sys_message_write(token, 0, &byte, 1, port, 0));
    CHECK_EQUAL(-ESRCH, sys_reply_receive(token, none, NULL, 0, 0, port, &message));
}

static void calls_twice(long ignored) {
    (void)ignored;
    client_calls(1);
    long word = 2;
    CHECK_EQUAL(0, call_word(session, &word));
}

/* Without the port's handle a token is worth nothing. */
static void useless_token(long token) {
    static const long none[4] = {0};
    char byte = 0;
    CHECK_EQUAL(0, sys_handle_close(port));
    CHECK_EQUAL(-EBADF, sys_reply((uint64_t)token, none, NULL, 0, 0, port));
    CHECK_EQUAL(-EBADF, sys_message_read((uint64_t)token, 0, &byte, 1, port, 0));
    CHECK_EQUAL(-EBADF, sys_message_write((uint64_t)token, 0, &byte, 1, port, 0));
    port = (int)sys_port_create();
    expect_stale((uint64_t)token);
}

static void stale_tokens(void) {
    set_up();
    int client = child_start(calls_twice, 0);
    expect_call(1);
    uint64_t old = message.token;
    for (int bit = 0; bit < 64; bit++)
        expect_stale(old ^ 1UL << bit);
    expect_stale(0);
    expect_stale(UINT64_MAX);
    CHECK_EQUAL(0, child_run(useless_token, (long)old));
    reply_word(old, -1);
    expect_stale(old);
    expect_call(2);
    uint64_t now = message.token;
    CHECK(now != old);
    expect_stale(old);
    reply_word(now, 0);
    CHECK_EQUAL(0, child_wait(client));
    expect_stale(now);
}

/* Two servers wait on one port. */
static void serves_one(long ignored) {
    (void)ignored;
    sessions_close();
    CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    shared[message.word[0]]++;
    reply_word(message.token, -message.word[0]);
}

static void two_servers(void) {
    set_up();
    int killed = child_start(serves_one, 0);
    process_wait_blocked(killed); /* it is the first in the queue */
    int first = child_start(serves_one, 0), second = child_start(serves_one, 0);
    process_wait_blocked(first);
    process_wait_blocked(second);
    CHECK_EQUAL(0, sys_kill(killed, SIGNAL_KILL));
    for (int i = 1; i <= 2; i++)
        CHECK_EQUAL(0, child_run(client_calls, i));
    CHECK_EQUAL(0, child_wait(first));
    CHECK_EQUAL(0, child_wait(second));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(killed));
    CHECK(shared[1] == 1 && shared[2] == 1);
}

/* ---- Handles ---- */

/* Gives away a port, and gets a session to it. */
static void gives_a_port(long ignored) {
    (void)ignored;
    client_begin();
    int mine = (int)sys_port_create();
    long words[4] = {1, 2, 3, mine};
    CHECK_EQUAL(0, sys_handle_flags(mine, HANDLE_CLOEXEC));
    CHECK_EQUAL((long)MESSAGE_HANDLE << 32,
                sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
    CHECK_EQUAL(-EBADF, sys_handle_flags(mine == words[3] ? -1 : mine, -1));
    CHECK_EQUAL(-EBADF, sys_session_create((int)words[3], 0)); /* it is no port */
    long word = 6;
    CHECK_EQUAL(0, call_word((int)words[3], &word));
    CHECK_EQUAL(-6, word);
}

static void handles_move(void) {
    set_up();
    int client = child_start(gives_a_port, 0);
    server_begin();
    expect_call(1);
    CHECK_EQUAL(MESSAGE_HANDLE, message.flags);
    int theirs = (int)message.word[3];
    CHECK_EQUAL(0, sys_handle_flags(theirs, -1)); /* flags do not move */
    int to_theirs = (int)sys_session_create(theirs, 88);
    CHECK(to_theirs >= 0);
    const long answer[4] = {0, 0, 0, to_theirs};
    CHECK_EQUAL(0, sys_reply(message.token, answer, NULL, 0, MESSAGE_HANDLE, port));
    CHECK_EQUAL(-EBADF, sys_handle_flags(to_theirs, -1));
    CHECK_EQUAL(MESSAGE_CALL, sys_receive(theirs, NULL, 0, &message));
    CHECK_EQUAL(88, message.badge);
    CHECK_EQUAL(6, message.word[0]);
    const long six[4] = {-6};
    CHECK_EQUAL(-ESRCH, sys_reply(message.token, six, NULL, 0, 0, port)); /* not its port */
    CHECK_EQUAL(0, sys_reply(message.token, six, NULL, 0, 0, theirs));
    CHECK_EQUAL(MESSAGE_CLOSED, sys_receive(theirs, NULL, 0, &message));
    CHECK_EQUAL(88, message.badge);
    CHECK_EQUAL(0, child_wait(client));
    expect_closed(BADGE);
}

/* => the lowest number that is left is none */
static void numbers_take_all(int handle) {
    long number;
    while ((number = sys_handle_dup(handle, 0, 0)) >= 0)
        ;
    CHECK_EQUAL(-EMFILE, number);
}

static void calls_with_full_table(long ignored) {
    long word = 1;
    (void)ignored;
    client_begin();
    numbers_take_all(session);
    CHECK_EQUAL(0, call_word(session, &word));
    CHECK_EQUAL(-7, word);
}

static void no_number_for_a_reply(void) {
    set_up();
    int client = child_start(calls_with_full_table, 0);
    server_begin();
    expect_call(1);
    const long answer[4] = {0, 0, 0, sys_session_create(port, 33)};
    CHECK_EQUAL(-EMFILE, sys_reply(message.token, answer, NULL, 0, MESSAGE_HANDLE, port));
    CHECK_EQUAL(0, sys_handle_close((int)answer[3])); /* it is still ours */
    expect_closed(33);
    reply_word(message.token, -7);
    CHECK_EQUAL(0, child_wait(client));
    expect_closed(BADGE);
}

static void gives_in_vain(long ignored) {
    (void)ignored;
    client_begin();
    int mine = (int)sys_port_create();
    long words[4] = {1, 0, 0, mine};
    CHECK_EQUAL(-EMFILE, sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
    CHECK_EQUAL(0, sys_handle_close(mine));
    long word = 2;
    CHECK_EQUAL(0, call_word(session, &word));
}

static void no_number_for_a_call(void) {
    set_up();
    int client = child_start(gives_in_vain, 0);
    numbers_take_all(port);
    expect_call(2);
    reply_word(message.token, 0);
    CHECK_EQUAL(0, child_wait(client));
}

/* A client of the servers that has no room for another handle leaves nothing open there. */
static void opens_with_full_table(long ignored) {
    (void)ignored;
    numbers_take_all(1);
    for (int i = 0; i < 200; i++) {
        CHECK_EQUAL(-1, open("/tmp/full", O_RDWR | O_CREAT, 0600));
        CHECK_EQUAL(EMFILE, errno);
    }
    CHECK_EQUAL(0, unlink("/tmp/full"));
}

static int server_handles(const char *name) {
    struct process_info info;
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        if (strcmp(info.name, name) == 0)
            return (int)info.handles;
    CHECK(false);
    return -1;
}

static void servers_keep_nothing(void) {
    servers_settle();
    int before = server_handles("ramfs");
    CHECK_EQUAL(0, child_run(opens_with_full_table, 0));
    CHECK_EQUAL(before, server_handles("ramfs"));
}

/* The session that is called is given away with the call, and the port to itself. */
static void gives_its_session(long ignored) {
    (void)ignored;
    client_begin();
    long words[4] = {1, 0, 0, session};
    CHECK_EQUAL(0, sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
    CHECK_EQUAL(-EBADF, call_word(session, words));
}

static void session_in_its_own_call(void) {
    set_up();
    int client = child_start(gives_its_session, 0);
    server_begin();
    expect_call(1);
    CHECK_EQUAL(0, sys_handle_close((int)message.word[3]));
    reply_word(message.token, 0); /* now it has no handle and no call */
    CHECK_EQUAL(0, child_wait(client));
    expect_closed(BADGE);
}

static void calls_with_forged_handles(long ignored) {
    static const long forged[] = {-1, 250, 65535, 65536, INT32_MAX, INT32_MIN};
    (void)ignored;
    client_begin();
    for (size_t i = 0; i < array_length(forged); i++) {
        long words[4] = {1, 2, 3, forged[i]};
        CHECK_EQUAL(-EBADF, sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
        CHECK_EQUAL(-EBADF, sys_call((int)forged[i], words, NULL, 0, NULL, 0, 0));
    }
    int mine = (int)sys_port_create();
    long words[4] = {1, 2, 3, mine};
    CHECK_EQUAL(-EBADF, sys_call(mine, words, NULL, 0, NULL, 0, 0)); /* a port is no session */
    for (unsigned bit = 1; bit < 32; bit++)
        CHECK_EQUAL(-EINVAL, sys_call(session, words, NULL, 0, NULL, 0, 1U << bit));
    words[0] = 1;
    words[3] = mine;
    CHECK_EQUAL(0, sys_call(session, words, NULL, 0, NULL, 0, 0)); /* a number, no handle */
    CHECK_EQUAL(0, sys_handle_flags(mine, -1));
}

static void forged_handles(void) {
    struct message none;
    set_up();
    int client = child_start(calls_with_forged_handles, 0);
    CHECK_EQUAL(-EBADF, sys_receive(session, NULL, 0, &none));
    CHECK_EQUAL(-EBADF, sys_session_create(session, 0));
    expect_call(1); /* the first that comes through */
    CHECK_EQUAL(0, message.flags);
    long answer[4] = {0, 0, 0, 1234};
    CHECK_EQUAL(-EBADF, sys_reply(message.token, answer, NULL, 0, MESSAGE_HANDLE, port));
    CHECK_EQUAL(-EINVAL, sys_reply(message.token, answer, NULL, 0, 4, port));
    CHECK_EQUAL(-EBADF, sys_reply_receive(message.token, answer, NULL, 0, 0, session, &none));
    CHECK_EQUAL(-EBADF, sys_reply_receive(message.token, answer, NULL, 0, 0, 1234, &none));
    reply_word(message.token, 0); /* none of that was a reply */
    CHECK_EQUAL(0, child_wait(client));
}

/* ---- Sessions that close ---- */

static void nothing(long ignored) { (void)ignored; }

static void waits_at_gate(long ignored) {
    (void)ignored;
    client_begin();
    gate_wait(&gate);
}

static void closed_by_the_last_handle(void) {
    set_up();
    int twin = (int)sys_handle_dup(session, 0, 0), third = (int)sys_handle_dup(twin, 300, 0);
    CHECK_EQUAL(0, sys_handle_close(session));
    expect_no_notice();
    CHECK_EQUAL(0, sys_handle_close(third));
    expect_no_notice();
    CHECK_EQUAL(other, sys_handle_dup(other, other, HANDLE_DUP_AT)); /* over itself */
    expect_no_notice();
    int copy = (int)sys_handle_dup(other, 0, 0);
    CHECK_EQUAL(twin, sys_handle_dup(copy, twin, HANDLE_DUP_AT)); /* replaces the last one */
    expect_closed(BADGE);
    CHECK_EQUAL(0, sys_handle_close(copy));
    expect_no_notice();
}

static void closed_after_fork(void) {
    set_up();
    gate_make(&gate);
    int child = child_start(waits_at_gate, 0);
    CHECK_EQUAL(0, child_run(nothing, 0));
    expect_no_notice();
    CHECK_EQUAL(0, sys_handle_close(session));
    expect_no_notice(); /* the child has it */
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
    expect_closed(BADGE);
}

static void closed_by_kill(void) {
    set_up();
    gate_make(&gate);
    int child = child_start(waits_at_gate, 0);
    CHECK_EQUAL(0, sys_handle_close(session));
    expect_no_notice();
    CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL));
    expect_closed(BADGE);
    CHECK_EQUAL(SIGNAL_KILL, child_wait(child));
    gate_open(&gate);
}

/* A program that goes on until the gate opens, with or without the session. */
static void execs_cat(long flags) {
    CHECK_EQUAL(0, sys_handle_flags(session, flags));
    client_begin();
    CHECK_EQUAL(0, close(gate.ends[1]));
    CHECK_EQUAL(0, dup2(gate.ends[0], 0));
    CHECK_EQUAL(0, close(gate.ends[0]));
    CHECK_EQUAL(0, execl("/bin/cat", "cat", NULL));
}

static void closed_by_exec(void) {
    for (long flags = 0; flags <= HANDLE_CLOEXEC; flags++) {
        struct process_info info;
        set_up();
        gate_make(&gate);
        int child = child_start(execs_cat, flags);
        CHECK_EQUAL(0, sys_handle_close(session));
        if (flags == HANDLE_CLOEXEC)
            expect_closed(BADGE);
        process_wait_blocked(child);
        do
            CHECK_EQUAL(child, sys_process_info(child, &info));
        while (strcmp(info.name, "cat") != 0 && sys_yield() == 0);
        expect_no_notice();
        gate_open(&gate);
        CHECK_EQUAL(0, child_wait(child));
        if (flags == 0)
            expect_closed(BADGE);
    }
}

/* Notices of many sessions come in the order in which they were closed. */
static void closed_in_order(void) {
    int sessions[100];
    set_up();
    for (size_t i = 0; i < array_length(sessions); i++)
        sessions[i] = (int)sys_session_create(port, i);
    for (size_t i = 0; i < array_length(sessions); i++)
        CHECK_EQUAL(0, sys_handle_close(sessions[i * 37 % array_length(sessions)]));
    for (size_t i = 0; i < array_length(sessions); i++)
        expect_closed(i * 37 % array_length(sessions));
    expect_no_notice();
}

/* ---- A side ends ---- */

static void calls_in_vain(long ignored) {
    long word = 0;
    (void)ignored;
    client_begin();
    gate_open(&gate);
    CHECK_EQUAL(-ECONNRESET, call_word(session, &word));
    CHECK_EQUAL(-ECONNRESET, call_word(session, &word)); /* at once */
    CHECK_EQUAL(0, sys_handle_close(session));
}

static void calls_in_vain_once(long word) {
    client_begin();
    CHECK_EQUAL(-ECONNRESET, call_word(session, &word));
}

enum server_end { SERVER_EXITS, SERVER_IS_KILLED, SERVER_CLOSES_PORT, SERVER_ENDS };

static void receives_two_and_ends(long how) {
    sessions_close();
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    gate_wait(&gate);
    if (how == SERVER_CLOSES_PORT) {
        CHECK_EQUAL(0, sys_handle_close(port));
        CHECK_EQUAL(-EBADF, receive(NULL, 0));
    }
}

static void server_ends(void) {
    for (int how = 0; how < SERVER_ENDS; how++) {
        set_up();
        gate_make(&gate);
        int server = child_start(receives_two_and_ends, how);
        for (int i = 0; i < NCLIENTS; i++) {
            clients[i] = child_start(calls_in_vain, 0);
            process_wait_blocked(clients[i]);
        }
        CHECK_EQUAL(0, sys_handle_close(port));
        process_wait_blocked(server);
        if (how == SERVER_IS_KILLED)
            CHECK_EQUAL(0, sys_kill(server, SIGNAL_KILL));
        gate_open(&gate);
        CHECK_EQUAL(how == SERVER_IS_KILLED ? SIGNAL_KILL : 0, child_wait(server));
        clients_wait();
        sessions_close();
    }
}

/* One of several that received on the port ends: only its own calls are over. */
static void receives_one_and_ends(long word) {
    sessions_close();
    CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    CHECK_EQUAL(word, message.word[0]);
}

static void one_of_two_servers_ends(void) {
    set_up();
    int lost = child_start(calls_in_vain_once, 1), kept = child_start(client_calls, 2);
    process_wait_blocked(lost);
    process_wait_blocked(kept);
    CHECK_EQUAL(0, child_run(receives_one_and_ends, 1));
    CHECK_EQUAL(0, child_wait(lost));
    expect_call(2);
    reply_word(message.token, -2);
    CHECK_EQUAL(0, child_wait(kept));
}

static void client_killed_in_the_queue(void) {
    set_up();
    clients_start();
    for (int i = 0; i < NCLIENTS; i += 2) {
        CHECK_EQUAL(0, sys_kill(clients[i], SIGNAL_KILL));
        CHECK_EQUAL(SIGNAL_KILL, child_wait(clients[i]));
    }
    for (int i = 1; i < NCLIENTS; i += 2) {
        expect_call(i + 1);
        reply_word(message.token, -(i + 1));
        CHECK_EQUAL(0, child_wait(clients[i]));
    }
    expect_no_notice();
}

static void client_killed_after_receive(void) {
    set_up();
    int client = child_start(client_calls, 1);
    server_begin();
    expect_call(1);
    CHECK_EQUAL(0, sys_kill(client, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(client));
    expect_stale(message.token);
    expect_closed(BADGE);
}

/* The next client may have the killed one's thread id, and count its calls from the beginning. */
static void token_of_the_next_client(void) {
    set_up();
    int killed = child_start(client_calls, 1);
    expect_call(1);
    uint64_t old = message.token;
    CHECK_EQUAL(0, sys_kill(killed, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(killed));
    int next = child_start(client_calls, 2);
    expect_call(2);
    uint64_t now = message.token;
    CHECK(now != old);
    expect_stale(old);
    reply_word(now, -2);
    CHECK_EQUAL(0, child_wait(next));
}

/* The client's last handle goes with it while its call is in the queue. */
static void client_killed_with_its_session(void) {
    set_up();
    int client = child_start(client_calls, 1);
    process_wait_blocked(client);
    server_begin();
    CHECK_EQUAL(0, sys_kill(client, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(client));
    expect_closed(BADGE);
}

/* The server gives its handle up, and with it nothing that it has received. */
static void receives_and_leaves(long ignored) {
    (void)ignored;
    sessions_close();
    CHECK_EQUAL(MESSAGE_CALL, receive(NULL, 0));
    CHECK_EQUAL(0, sys_handle_close(port));
}

static void expects_reset(long ignored) {
    long word = 0;
    (void)ignored;
    client_begin();
    CHECK_EQUAL(-ECONNRESET, call_word(session, &word));
}

static void server_leaves_and_ends(void) {
    set_up();
    int client = child_start(expects_reset, 0);
    CHECK_EQUAL(0, child_run(receives_and_leaves, 0));
    CHECK_EQUAL(0, child_wait(client));
}

/* ---- Buffers that are wrong ---- */

static const unsigned long nowhere[] = {8, USER_END - 8, USER_END, 0x8000000000000000, -8UL};
#define TEXT (USER_IMAGE_BASE + PAGE)

static bool refused(long error) { return error == -EFAULT || error == -EACCES; }

/* The server never hears of the calls that cannot be read. */
static void calls_from_nowhere(long ignored) {
    long words[4] = {1};
    (void)ignored;
    client_begin();
    for (size_t i = 0; i < array_length(nowhere); i++)
        CHECK_EQUAL(-EFAULT, sys_call(session, words, (void *)nowhere[i], 16, NULL, 0, 0));
    char *two = pages_map(2, 0);
    pages_unmap(two + PAGE, 1);
    CHECK_EQUAL(-EFAULT, sys_call(session, words, two + PAGE - 8, 16, NULL, 0, 0));
    CHECK_EQUAL(0, sys_call(session, words, two + PAGE - 16, 16, NULL, 0, 0));
}

static void clients_bad_out_buffer(void) {
    set_up();
    int client = child_start(calls_from_nowhere, 0);
    memset(in, 9, sizeof in);
    server_begin();
    CHECK_EQUAL(MESSAGE_CALL, receive(in, sizeof in));
    CHECK(all(in, 16, 0) && all(in + 16, sizeof in - 16, 9));
    reply_word(message.token, 0);
    CHECK_EQUAL(0, child_wait(client));
}

/* Buffers are looked at when they are used: the call is open, and the copy fails. */
static void calls_with_bad_buffers(long ignored) {
    (void)ignored;
    client_begin();
    for (size_t i = 0; i < array_length(nowhere); i++) {
        long words[4] = {1};
        void *at = (void *)nowhere[i];
        CHECK_EQUAL(-EFAULT, sys_call(session, words, at, UINT32_MAX, at, UINT32_MAX, 0));
    }
    long words[4] = {1};
    long result = sys_call(session, words, (void *)TEXT, 16, (void *)TEXT, 16, 0);
    CHECK(refused(result));
}

static void clients_bad_in_buffer(void) {
    char bytes[16];
    set_up();
    unsigned long text = *(unsigned long *)TEXT;
    int client = child_start(calls_with_bad_buffers, 0);
    server_begin();
    for (size_t i = 0; i <= array_length(nowhere); i++) {
        bool is_text = i == array_length(nowhere);
        expect_call(1);
        CHECK_EQUAL(is_text ? 16 : -EFAULT, sys_message_read(message.token, 0, bytes, 16, port, 0));
        CHECK(refused(sys_message_write(message.token, 0, bytes, 16, port, 0)));
        const long answer[4] = {0, 0, 0, sys_session_create(port, i)};
        CHECK_EQUAL(0, sys_reply(message.token, answer, bytes, 16, MESSAGE_HANDLE, port));
        expect_closed(i); /* the reply is good, and nobody could take what came with it */
    }
    CHECK_EQUAL(0, child_wait(client));
    CHECK_EQUAL(text, *(unsigned long *)TEXT);
}

static void calls_with_good_buffers(long ignored) {
    (void)ignored;
    long words[4] = {1};
    client_begin();
    memset(out, 5, 64);
    CHECK_EQUAL(0, sys_call(session, words, out, 64, in, 64, 0));
    CHECK(all(in, 64, 6) && all(out, 64, 5));
}

/* Each try fails, the call stays, and the last try succeeds. */
static void servers_bad_buffers(void) {
    const long none[4] = {0};
    set_up();
    int client = child_start(calls_with_good_buffers, 0);
    server_begin();
    for (size_t i = 0; i < array_length(nowhere); i++)
        CHECK_EQUAL(-EFAULT, receive((void *)nowhere[i], 64));
    CHECK(refused(receive((void *)TEXT, 64)));
    CHECK_EQUAL(MESSAGE_CALL, receive(in, 64));
    CHECK(all(in, 64, 5));
    for (size_t i = 0; i < array_length(nowhere); i++) {
        void *at = (void *)nowhere[i];
        CHECK_EQUAL(-EFAULT, sys_message_read(message.token, 0, at, 64, port, 0));
        CHECK_EQUAL(-EFAULT, sys_message_write(message.token, 0, at, 64, port, 0));
        CHECK_EQUAL(-EFAULT, sys_reply(message.token, none, at, 64, 0, port));
    }
    CHECK(refused(sys_message_read(message.token, 0, (void *)TEXT, 64, port, 0)));
    memset(in, 6, 65);
    CHECK_EQUAL(-EMSGSIZE, sys_reply(message.token, none, in, 65, 0, port));
    CHECK_EQUAL(-EMSGSIZE, sys_reply(message.token, none, in, UINT32_MAX, 0, port));
    CHECK_EQUAL(0, sys_reply(message.token, none, in, 64, 0, port));
    CHECK_EQUAL(0, child_wait(client));
}

/* A server that waits already has a buffer that goes bad while it waits. */
static void serves_from_nowhere(long ignored) {
    (void)ignored;
    sessions_close();
    CHECK_EQUAL(-EFAULT, receive((void *)nowhere[0], 64));
    CHECK_EQUAL(MESSAGE_CALL, receive(in, 64));
    reply_word(message.token, 0);
}

static void calls_a_bad_receiver(long ignored) {
    (void)ignored;
    long words[4] = {1};
    client_begin();
    CHECK_EQUAL(0, sys_call(session, words, out, 64, NULL, 0, 0));
}

static void waiting_servers_bad_buffer(void) {
    set_up();
    int server = child_start(serves_from_nowhere, 0);
    process_wait_blocked(server);
    CHECK_EQUAL(0, child_run(calls_a_bad_receiver, 0));
    CHECK_EQUAL(0, child_wait(server));
}

/* Offsets and lengths at their limits: what lies beyond a buffer is never touched. */
static void offsets_at_the_limits(void) {
    static const unsigned long offsets[] = {64,        65,    UINT32_MAX, 0x100000000,
                                            INT64_MAX, -64UL, -1UL};
    set_up();
    int client = child_start(calls_with_good_buffers, 0);
    server_begin();
    expect_call(1);
    memset(in, 6, 64);
    for (size_t i = 0; i < array_length(offsets); i++) {
        CHECK_EQUAL(0, sys_message_read(message.token, offsets[i], in, 64, port, 0));
        CHECK_EQUAL(0, sys_message_write(message.token, offsets[i], out, 64, port, 0));
    }
    CHECK(all(in, 64, 6));
    CHECK_EQUAL(1, sys_message_write(message.token, 63, in, UINT64_MAX, port, 0));
    CHECK_EQUAL(64, sys_message_write(message.token, 0, in, UINT64_MAX, port, 0));
    CHECK_EQUAL(1, sys_message_read(message.token, 63, in, UINT64_MAX, port, 0));
    CHECK(in[0] == 5 && all(in + 1, 63, 6));
    CHECK_EQUAL(0, sys_message_read(message.token, 0, (void *)nowhere[0], 0, port, 0));
    reply_word(message.token, 0);
    CHECK_EQUAL(0, child_wait(client));
}

/* ---- Too little memory ---- */

static void calls_into_shared_pages(long ignored) {
    long words[4] = {0};
    (void)ignored;
    client_begin();
    gate_open(&gate);
    if (sys_call(session, words, NULL, 0, pages, 4 * PAGE, 0) < 0)
        return; /* the server found no memory for itself */
    size_t written = (size_t)words[0];
    CHECK(all(pages, written, 6) && all(pages + written, 4 * PAGE - written, 5));
}

static long *shared_count;

/* A copy into pages that a third process shares needs a frame each. */
static void serves_with_little_memory(long nframes) {
    char *taken, six[4 * PAGE];
    set_up();
    pages = pages_map(4, 0);
    memset(pages, 5, 4 * PAGE);
    memset(six, 6, sizeof six);
    gate_make(&gate);
    int holder = child_start(expect_fives, 0), client = child_start(calls_into_shared_pages, 0);
    process_wait_blocked(holder);
    server_begin();
    expect_call(0);
    size_t eaten = memory_eat((size_t)nframes, &taken);
    long written = 0, result;
    for (size_t i = 0; i < 4; i++, written += result) {
        result = sys_message_write(message.token, i * PAGE, six, PAGE, port, 0);
        if (result < 0)
            break;
    }
    pages_unmap(taken, eaten);
    CHECK(written == 4 * PAGE || result == -ENOMEM);
    *shared_count += result < 0;
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(holder));
    reply_word(message.token, written);
    CHECK_EQUAL(0, child_wait(client));
}

static void no_memory_for_the_reply(void) {
    shared_count = (long *)pages_map(1, MAP_SHARE);
    *shared_count = 0;
    for (long nframes = 0; nframes < 12; nframes++) {
        int status = child_run(serves_with_little_memory, nframes);
        CHECK(status == 0 || status == SIGNAL_KILL);
    }
    CHECK(*shared_count > 0);
}

/* A session that has no handle was never there: its server may have freed what its badge names. */
static void sessions_without_a_handle(void) {
    struct message message;
    int own_port = (int)sys_port_create(), marker = (int)sys_session_create(own_port, 2);
    while (sys_handle_dup(own_port, 0, 0) >= 0)
        ;
    CHECK_EQUAL(-EMFILE, sys_session_create(own_port, 1));
    CHECK_EQUAL(0, sys_handle_close(marker));
    CHECK_EQUAL(MESSAGE_CLOSED, sys_receive(own_port, NULL, 0, &message));
    CHECK_EQUAL(2, message.badge);
}

static const struct test messages_tests[] = {
    {"words", "four words and the badge arrive as they were sent, both ways", words},
    {"data_both_ways", "data of any length and alignment arrives, and nothing beyond it",
     data_both_ways},
    {"data_over_shared_pages", "a copy into shared pages unshares them, on both sides",
     data_over_shared_pages},
    {"one_buffer_for_both", "out and in buffer may be one", one_buffer_for_both},
    {"data_in_parts", "large data moves in parts, and each call tells how far it came",
     data_in_parts},
    {"calls_come_in_order", "calls are received in the order in which they were made",
     calls_come_in_order},
    {"late_replies", "replies may come in any order", late_replies},
    {"reply_and_receive", "one call replies and receives, into the buffer of the last receive",
     reply_and_receive},
    {"stale_tokens", "a token is good for one reply, by a holder of the port", stale_tokens},
    {"two_servers", "each call goes to one of those that wait, never to a dead one", two_servers},
    {"handles_move", "a handle that is given away is the receiver's alone", handles_move},
    {"no_number_for_a_reply", "a handle that the client cannot take stays with the server",
     no_number_for_a_reply},
    {"no_number_for_a_call", "a handle that the server cannot take stays with the client",
     no_number_for_a_call},
    {"servers_keep_nothing", "who cannot take a file leaves it closed", servers_keep_nothing},
    {"session_in_its_own_call", "a session can be given away in a call on itself",
     session_in_its_own_call},
    {"forged_handles", "a number is not a handle, and a wrong one ends nothing", forged_handles},
    {"closed_by_the_last_handle", "a session closes with its last handle, not before",
     closed_by_the_last_handle},
    {"closed_after_fork", "the child's copy of a handle counts", closed_after_fork},
    {"closed_by_kill", "a kill closes the sessions of its process", closed_by_kill},
    {"closed_by_exec", "exec closes the handles that are marked, and no others", closed_by_exec},
    {"closed_in_order", "notices come in the order of their closing", closed_in_order},
    {"server_ends", "whoever waits for a server that is gone is told", server_ends},
    {"one_of_two_servers_ends", "a server takes down only its own calls", one_of_two_servers_ends},
    {"server_leaves_and_ends", "a server that has no handle of its port any more ends its calls",
     server_leaves_and_ends},
    {"client_killed_in_the_queue", "a killed client's call leaves the queue",
     client_killed_in_the_queue},
    {"client_killed_after_receive", "a killed client's token is stale",
     client_killed_after_receive},
    {"token_of_the_next_client", "a token of a killed client is nobody else's",
     token_of_the_next_client},
    {"client_killed_with_its_session", "a session closes with the call that was in the queue",
     client_killed_with_its_session},
    {"clients_bad_out_buffer", "a client that offers nothing readable is told, not its server",
     clients_bad_out_buffer},
    {"clients_bad_in_buffer", "a client's bad buffer is not its server's mistake",
     clients_bad_in_buffer},
    {"servers_bad_buffers", "a server's bad buffer is not its client's mistake",
     servers_bad_buffers},
    {"waiting_servers_bad_buffer", "nor is that of a server that waits",
     waiting_servers_bad_buffer},
    {"offsets_at_the_limits", "nothing beyond a buffer is read or written", offsets_at_the_limits},
    {"no_memory_for_the_reply", "a copy without memory fails, and no sharer sees it",
     no_memory_for_the_reply},
    {"sessions_without_a_handle", "no notice tells of a session that could not be made",
     sessions_without_a_handle},
    {0},
};
const struct test *const suites[] = {messages_tests, NULL};
