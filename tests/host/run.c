/* Runs a suite: each test on a fresh machine, then the audit, then the ledger of frames. */
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "tests/check.h"

extern const struct test tests[];
int check_failures;

void check_failed(const char *file, int line, const char *what, long expected, long found) {
    printf("  %s:%d: %s: expected %ld, found %ld\n", file, line, what, expected, found);
    check_failures++;
}

static int run_test(const struct test *test) {
    check_failures = 0;
    machine_reset(FAKE_FRAMES / 2);
    size_t before = frame_free_count();
    test->run();
    CHECK_EQUAL(0, audit_run());
    CHECK_EQUAL(before, frame_free_count());
    printf("%s %s: %s\n", check_failures ? "FAIL" : "PASS", test->name, test->rule);
    return check_failures != 0;
}

int main(int argc, char **argv) {
    int failed = 0, passed = 0;
    for (const struct test *test = tests; test->name; test++) {
        if (argc > 1 && strcmp(argv[1], test->name) != 0)
            continue;
        if (run_test(test))
            failed++;
        else
            passed++;
        fflush(stdout);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed || passed == 0;
}
