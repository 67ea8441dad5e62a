/* Runs suites: each test on a fresh machine, then the audit, then the ledger of frames. */
#include "lib/print.h"
#include "lib/string.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "tests/check.h"
#include "tests/machine.h"

int check_failures;
unsigned long check_seed = 20260101;

unsigned long check_random(void) {
    static unsigned long state;
    if (state == 0)
        state = check_seed;
    /* xorshift64 (Marsaglia): never 0 from a start that is not. */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 33;
}

void check_failed(const char *file, int line, const char *what, long expected, long found) {
    print("  %s:%d: %s: expected %ld, found %ld\n", file, line, what, expected, found);
    check_failures++;
}

static int run_test(const struct test *test) {
    check_failures = 0;
    machine_reset();
    size_t before = frame_free_count();
    test->run();
    CHECK_EQUAL(0, audit_run());
    CHECK_EQUAL(before, frame_free_count());
    print("%s %s: %s\n", check_failures ? "FAIL" : "PASS", test->name, test->rule);
    return check_failures != 0;
}

int check_run(const char *only) {
    int failed = 0, passed = 0;
    for (const struct test *const *suite = suites; *suite; suite++)
        for (const struct test *test = *suite; test->name; test++) {
            if (only && !string_equal(only, test->name))
                continue;
            if (run_test(test))
                failed++;
            else
                passed++;
        }
    print("%d passed, %d failed\n", passed, failed);
    return failed || passed == 0;
}
