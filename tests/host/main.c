/* The host suite: copy-on-write, and stale translations. BYRE_SEED sets the seed. */
#include <stdlib.h>

#include "tests/check.h"

extern const struct test frame_tests[], idmap_tests[], handle_tests[], cow_tests[], sharing_tests[],
    transfer_tests[], transfer_sharing_tests[], tlb_tests[], tlb_sharing_tests[];
const struct test *const suites[] = {
    frame_tests,
    idmap_tests,
    handle_tests,
    cow_tests,
    tlb_tests,
    transfer_tests,
#ifndef COW_EAGER
    sharing_tests,
    transfer_sharing_tests,
    tlb_sharing_tests,
#endif
    NULL,
};

int main(int argc, char **argv) {
    const char *seed = getenv("BYRE_SEED");
    if (seed && strtoul(seed, NULL, 0) != 0)
        check_seed = strtoul(seed, NULL, 0);
    return check_run(argc > 1 ? argv[1] : NULL);
}
