/* Runs tests, each in a process of its own: see tests/host/runner.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tests/check.h"

struct runner {
    bool forks;                          /* false: in this process, for a debugger */
    unsigned long limit;                 /* milliseconds of CPU time for one test */
    FILE *json;                          /* NULL: none */
    int (*run)(const struct test *test); /* in the test's process. => how many checks failed */
};

/* Contract: what any right mm/cow.c does. Quality: what ours does besides, to cost less. */
enum test_kind { TEST_CONTRACT, TEST_QUALITY };
extern const char *const runner_kind_names[];

struct verdicts {
    size_t passed, failed;
    size_t contract_failed; /* of those that failed */
};

/* Run one test, print its result, and count it. */
void runner_run(const struct runner *runner, enum test_kind kind, const struct test *test,
                struct verdicts *verdicts);

/* Around all calls of runner_run: what a JSON array begins and ends with. */
void runner_begin(const struct runner *runner);
void runner_end(const struct runner *runner);
