/* Runs suites: each test on a fresh machine, then the audit, then the ledger of frames. */
#include "lib/print.h"
#include "lib/string.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "tests/check.h"
#include "tests/machine.h"

#define FAULTS_MAX 4 /* for one access: absent, then shared, then stale */
#define ELOOP_ERROR 92

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

/* User code: translate, fault, try again. */
static int hart_access(int hart, vaddr_t va, enum access access, paddr_t *address) {
    for (int faults = 0; faults <= FAULTS_MAX; faults++) {
        if (hart_translate(hart, va, access, address))
            return 0;
        int error = vm_fault(hart_space(hart), va, access);
        if (error)
            return error;
    }
    return -ELOOP_ERROR;
}

int hart_load(int hart, vaddr_t va, unsigned char *value) {
    paddr_t address;
    int error = hart_access(hart, va, ACCESS_READ, &address);
    if (!error)
        *value = *(unsigned char *)frame_address(address);
    return error;
}

int hart_store(int hart, vaddr_t va, unsigned char value) {
    paddr_t address;
    int error = hart_access(hart, va, ACCESS_WRITE, &address);
    if (!error)
        *(unsigned char *)frame_address(address) = value;
    return error;
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
