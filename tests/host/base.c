/* What mm/cow.c stands on, and what stands beside it: none of these tests looks at mm/cow.c. */
#include "tests/host/suite.h"
#include "tests/host/watch.h"

extern const struct test frame_tests[], idmap_tests[], handle_tests[], space_tests[],
    transfer_base_tests[], tlb_base_tests[], text_tests[];
static const struct test *const suites[] = {
    frame_tests,         idmap_tests,    handle_tests, space_tests,
    transfer_base_tests, tlb_base_tests, text_tests,   NULL};

int main(int argc, char **argv) {
    static const struct test *const none[] = {NULL};
    watch_begin();
    return suite_main(argc, argv, suites, none, check_one);
}
