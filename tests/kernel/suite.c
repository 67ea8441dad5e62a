/* What the test kernel runs in the place of init. */
#include "arch/riscv/panic.h"
#include "lib/print.h"
#include "tests/check.h"
#include "trap/begin.h"

extern const struct test frame_tests[], idmap_tests[], handle_tests[], cow_tests[], sharing_tests[],
    transfer_tests[], transfer_sharing_tests[];
const struct test *const suites[] = {
    frame_tests,    idmap_tests,
    handle_tests,   cow_tests,
    transfer_tests,
#ifndef COW_EAGER
    sharing_tests,  transfer_sharing_tests,
#endif
    NULL,
};

void begin(const struct machine *machine) {
    (void)machine;
    int status = check_run(NULL);
    print(status == 0 ? "byre: all tests passed\n" : "byre: tests failed\n");
    machine_exit(status);
}
