/* The one set of test macros. A test is a function; a suite is a table of tests with the rule
 * that each guards. A failed check prints what was expected and what was found, and the test goes
 * on. */
#pragma once

#include <stddef.h>

struct test {
    const char *name;
    const char *rule; /* what it guards, in one line */
    void (*run)(void);
};

/* Run the tests of these suites, which end with NULL: all, or the one of this name when it is not
 * NULL.
 * => the exit status: 0 when all passed and there was one */
int check_run(const struct test *const *suites, const char *only);

/* Supplied by the place that tests run in: the kernel and the build machine (tests/run.c), or user
 * mode (tests/user/run.c). Run one test on a fresh machine, or in a process of its own, then audit
 * and compare the frames. => how many checks failed */
int check_one(const struct test *test);

/* Numbers that look random and are the same for the same seed, which tests print. */
extern unsigned long check_seed;
unsigned long check_random(void);

extern int check_failures; /* of the test that runs */
void check_failed(const char *file, int line, const char *what, long expected, long found);
void check_failed_error(const char *file, int line, const char *what, long expected, long found);

/* The name of a result: "0", or "-ENOMEM"; NULL when it has none. */
const char *error_name(long error);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_failed(__FILE__, __LINE__, #condition, 1, 0);                                    \
    } while (0)

#define CHECK_EQUAL(expected, found)                                                               \
    do {                                                                                           \
        long check_expected = (long)(expected), check_found = (long)(found);                       \
        if (check_expected != check_found)                                                         \
            check_failed(__FILE__, __LINE__, #found, check_expected, check_found);                 \
    } while (0)

/* The same for results that are 0 or a negative errno: they are printed by name. */
#define CHECK_ERROR(expected, found)                                                               \
    do {                                                                                           \
        long check_expected = (long)(expected), check_found = (long)(found);                       \
        if (check_expected != check_found)                                                         \
            check_failed_error(__FILE__, __LINE__, #found, check_expected, check_found);           \
    } while (0)
