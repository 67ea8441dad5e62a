/* A program of tests on the build machine: options, and one process a test. */
#pragma once

#include "tests/check.h"

/* Run the tests that the arguments name: of the contract, and of quality. Both lists end with NULL.
 * => the exit status: 0 when all contract tests that ran have passed, 2 for bad arguments */
int suite_main(int argc, char **argv, const struct test *const *contract,
               const struct test *const *quality, int (*run)(const struct test *));
