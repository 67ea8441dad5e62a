/* Every scenario in every order. usage: interleave [SCENARIO [SCHEDULE]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"
#include "tests/interleave/explore.h"

extern const struct scenario cow_scenarios[], memory_scenarios[], process_scenarios[],
    message_scenarios[];
static const struct scenario *const families[] = {cow_scenarios, memory_scenarios,
                                                  process_scenarios, message_scenarios, NULL};

int main(int argc, char **argv) {
    int failed = 0, ran = 0;
    machine_nframes = 256;
    for (const struct scenario *const *family = families; *family; family++)
        for (const struct scenario *scenario = *family; scenario->name && !failed; scenario++) {
            if (argc > 1 && strcmp(argv[1], scenario->name) != 0)
                continue;
            printf("%s: %s\n", scenario->name, scenario->rule);
            failed = argc > 2 ? explore_one(scenario, argv[2]) : explore(scenario);
            printf("%s %s\n", failed ? "FAIL" : "PASS", scenario->name);
            ran++;
        }
    if (!ran)
        fprintf(stderr, "usage: interleave [SCENARIO [SCHEDULE]]\n");
    return failed || !ran;
}
