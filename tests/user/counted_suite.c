/* What takes how long. Only where instructions are counted (-icount) do times mean the same on
 * every machine that runs the tests: so this suite runs there, and on one hart. */
#include "lib/print.h"
#include "tests/user/user.h"

/* ---- Turns ---- */

/* One gives way just before its turn ends: the other one must have a good part of a turn then. */
#define TURN 10000000 /* nanoseconds, and a little more than the greedy one takes */

static void spins_until(long end) {
    while (sys_clock() < end) {}
}

static void gives_way_late(long end) {
    while (sys_clock() < end) {
        spins_until(sys_clock() + TURN / 10 * 9);
        (void)sys_yield();
    }
}

static uint64_t time_of(int pid) {
    struct process_info info;
    CHECK_EQUAL(pid, sys_process_info(pid, &info));
    return info.nanoseconds;
}

static void turns_are_whole(void) {
    long end = sys_clock() + 40 * TURN;
    int greedy = child_start(gives_way_late, end), modest = child_start(spins_until, end);
    CHECK_EQUAL(0, sys_sleep(41 * TURN));
    CHECK(time_of(modest) > time_of(greedy) / 3);
    CHECK_EQUAL(0, child_wait(greedy));
    CHECK_EQUAL(0, child_wait(modest));
}

/* ---- Calls that are asked for much ---- */

#define MILLION 1000000            /* instructions, each of which takes a nanosecond here */
#define LONGEST_STAY (3 * MILLION) /* debug builds do more; a release build stays below one */
#define MUCH (48 * 1024 * 1024UL)  /* bytes */

static void forget_stays(void) {
    struct hart_info info;
    CHECK_EQUAL(0, sys_hart_info(0, &info));
}

static void expect_short_stays(const char *what) {
    struct hart_info info;
    CHECK_EQUAL(0, sys_hart_info(0, &info));
    if (info.longest_stay > LONGEST_STAY)
        print("%s: call %lu took %lu ns\n", what, (unsigned long)info.longest_call,
              (unsigned long)info.longest_stay);
    CHECK(info.longest_stay <= LONGEST_STAY);
}

/* The largest answers, fills and copies that a number can ask for. */
static void calls_with_much(void) {
    size_t npages = MUCH / USER_PAGE_SIZE;
    forget_stays();
    struct page_info *told =
        (struct page_info *)sys_map(0, npages * sizeof *told, MAP_READ | MAP_WRITE);
    CHECK_EQUAL(npages, sys_page_info((int)sys_getpid(), USER_MAP_BASE, told, npages));
    expect_short_stays("PAGE_INFO");
    CHECK_EQUAL(-ENOMEM, sys_map(0, 128UL << 30, MAP_READ | MAP_WRITE | MAP_SHARE));
    expect_short_stays("MAP of more than there is");
    char *shared = (char *)sys_map(0, MUCH / 4, MAP_READ | MAP_WRITE | MAP_SHARE);
    expect_short_stays("MAP of shared memory");
    shared[0] = shared[MUCH / 4 - 1] = 1;
    uintptr_t filled = (uintptr_t)sys_map(0, MUCH, MAP_READ | MAP_WRITE);
    CHECK_EQUAL(0, sys_fill(filled, MUCH));
    expect_short_stays("FILL");
}

/* A reader and a writer of much: tests/user/messages_suite.c checks the bytes. */
static int port, session;

static void offers_much(long address) {
    long words[4] = {0};
    CHECK_EQUAL(0, sys_handle_close(port));
    CHECK_EQUAL(0,
                sys_call(session, words, (void *)address, MUCH / 4, (void *)address, MUCH / 4, 0));
}

static void messages_with_much(void) {
    const long none[4] = {0};
    struct message message;
    port = (int)sys_port_create();
    session = (int)sys_session_create(port, 0);
    long out = sys_map(0, MUCH / 4, MAP_READ | MAP_WRITE);
    long own = sys_map(0, MUCH / 4, MAP_READ | MAP_WRITE);
    int client = child_start(offers_much, out);
    forget_stays();
    CHECK_EQUAL(MESSAGE_CALL, sys_receive(port, (void *)own, MUCH / 4, &message));
    CHECK_EQUAL(MUCH / 4, sys_message_read(message.token, 0, (void *)own, MUCH / 4, port, 0));
    expect_short_stays("MESSAGE_READ");
    CHECK_EQUAL(MUCH / 4, sys_message_write(message.token, 0, (void *)own, MUCH / 4, port, 0));
    expect_short_stays("MESSAGE_WRITE");
    CHECK_EQUAL(0, sys_reply(message.token, none, NULL, 0, 0, port));
    CHECK_EQUAL(0, child_wait(client));
}

static const struct test counted_tests[] = {
    {"turns_are_whole", "who gives way late leaves the next one a turn", turns_are_whole},
    {"calls_with_much", "no number makes a call stay long in the kernel", calls_with_much},
    {"messages_with_much", "nor does the size of a message", messages_with_much},
    {0},
};
const struct test *const suites[] = {counted_tests, NULL};
