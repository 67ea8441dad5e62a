/* Runs a scenario in each order in which its harts can take turns.
 *
 * The one idea: what harts do at the same time is what one hart does, in some order of their steps.
 * Each act of a scenario is a coroutine that stops at every yield_point of the kernel, and there
 * the explorer decides who goes on. It goes through all decisions, depth first, and starts each run
 * on a fresh machine. A switch away from a hart that could go on costs one of a few; almost every
 * mistake shows with two. The chapter is docs/concurrency.md. */
#pragma once

#include "tests/machine.h"

struct scenario {
    const char *name;
    const char *rule;              /* what it guards, in one line */
    size_t switches;               /* that one run may have, besides those where a hart must stop */
    void (*set_up)(void);          /* alone, on hart 0 */
    void (*act[FAKE_HARTS])(void); /* one for each hart, all at once; NULL: only its TLB acts */
    void (*judge)(void);           /* alone again: check what is there, and give everything back */
};

/* Run the scenario in every order, and stop at the first that fails.
 * => 0: none failed; 1, and the schedule was printed */
int explore(const struct scenario *scenario);

/* Let others go on until *word is 0, and if they end before that, end with them. */
void explore_rest(const _Atomic uint32_t *word);

/* Run it in the one order that a printed schedule tells, and print each step. => as explore */
int explore_one(const struct scenario *scenario, const char *schedule);
