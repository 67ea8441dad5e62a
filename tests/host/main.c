/* The judge of a mm/cow.c: all tests that its contract is held against, and those of its cost. */
#include <stdlib.h>

#include "tests/host/suite.h"
#include "tests/host/watch.h"
#include "tests/interleave/explore.h"

extern const struct test cow_tests[], cow_quality_tests[], transfer_tests[],
    transfer_quality_tests[], tlb_tests[], tlb_quality_tests[], range_tests[], page_tests[],
    page_quality_tests[], fuzz_tests[];
extern const struct scenario cow_scenarios[];

#define SCENARIOS_MAX 64
#define SCENARIO_FRAMES 256 /* each of its many runs begins anew */
static struct test scenarios[SCENARIOS_MAX + 1];

static const struct test *const contract[] = {cow_tests,  transfer_tests, range_tests, page_tests,
                                              fuzz_tests, tlb_tests,      scenarios,   NULL};
static const struct test *const quality[] = {cow_quality_tests, transfer_quality_tests,
                                             tlb_quality_tests, page_quality_tests, NULL};

/* A scenario is a contract test: a mistake in the order of steps shows in no other way. */
static inline void list_scenarios(void) {
    for (size_t i = 0; i < SCENARIOS_MAX && cow_scenarios[i].name; i++)
        scenarios[i] = (struct test){cow_scenarios[i].name, cow_scenarios[i].rule, NULL};
}

static int run(const struct test *test) {
    if (test->run) {
        watch_begin();
        return check_one(test);
    }
    watch_end();
    machine_nframes = SCENARIO_FRAMES;
    return explore(&cow_scenarios[test - scenarios]);
}

int main(int argc, char **argv) {
#ifndef WITHOUT_SCENARIOS
    list_scenarios();
#endif
    return suite_main(argc, argv, contract, quality, run);
}
