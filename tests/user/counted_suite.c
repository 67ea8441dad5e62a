/* What takes how long. Only where instructions are counted (-icount) do times mean the same on
 * every machine that runs the tests: so this suite runs there, and on one hart. */
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

static const struct test counted_tests[] = {
    {"turns_are_whole", "who gives way late leaves the next one a turn", turns_are_whole},
    {0},
};
const struct test *const suites[] = {counted_tests, NULL};
