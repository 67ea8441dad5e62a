/* The part of running suites that is the same wherever tests run. */
#include "tests/check.h"

#include "lib/errno.h"
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

static const struct {
    long error;
    const char *name;
} errors[] = {
    {0, "0"},
    {-ENOMEM, "-ENOMEM"},
    {-EACCES, "-EACCES"},
    {-EFAULT, "-EFAULT"},
    {-EINVAL, "-EINVAL"},
    {-EEXIST, "-EEXIST"},
    {-EOVERFLOW, "-EOVERFLOW"},
};

const char *error_name(long error) {
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].error == error)
            return errors[i].name;
    return NULL;
}

void check_failed_error(const char *file, int line, const char *what, long expected, long found) {
    if (!error_name(expected) || !error_name(found)) {
        check_failed(file, line, what, expected, found);
        return;
    }
    print("  %s:%d: %s: expected %s, found %s\n", file, line, what, error_name(expected),
          error_name(found));
    check_failures++;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int check_run(const struct test *const *suites, const char *only) {
    int failed = 0, passed = 0;
    for (; *suites; suites++)
        for (const struct test *test = *suites; test->name; test++) {
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
