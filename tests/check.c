/* The part of running suites that is the same wherever tests run. */
#include "tests/check.h"

#include "lib/print.h"

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

static int same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int check_run(const char *only) {
    int failed = 0, passed = 0;
    for (const struct test *const *suite = suites; *suite; suite++)
        for (const struct test *test = *suite; test->name; test++) {
            if (only && !same(only, test->name))
                continue;
            int failures = check_one(test);
            print("%s %s: %s\n", failures ? "FAIL" : "PASS", test->name, test->rule);
            if (failures)
                failed++;
            else
                passed++;
        }
    print("%d passed, %d failed\n", passed, failed);
    return failed || passed == 0;
}
