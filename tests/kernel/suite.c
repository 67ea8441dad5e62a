/* What the test kernel runs in the place of init: the contract tests, or with the boot argument
 * "quality" those. */
#include "arch/riscv/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "tests/check.h"
#include "trap/begin.h"

extern const struct test frame_tests[], idmap_tests[], handle_tests[], cow_tests[],
    cow_quality_tests[], transfer_tests[], transfer_quality_tests[], space_tests[],
    transfer_base_tests[];
static const struct test *const contract[] = {frame_tests,         idmap_tests, handle_tests,
                                              space_tests,         cow_tests,   transfer_tests,
                                              transfer_base_tests, NULL};
static const struct test *const quality[] = {cow_quality_tests, transfer_quality_tests, NULL};

void begin(const struct machine *machine) {
    int status = check_run(string_equal(machine->bootargs, "quality") ? quality : contract, NULL);
    print(status == 0 ? "byre: all tests passed\n" : "byre: tests failed\n");
    machine_exit(status);
}
