/* The command line of a program of tests: see usage below. */
#include "tests/host/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/runner.h"

static const char usage[] =
    "usage: suite [OPTION]... [TEST]...\n"
    "Runs the tests named, or all of them. The status is 0 when all contract tests have passed.\n"
    "  --list         only print what there is: kind name: rule\n"
    "  --kind KIND    only contract or quality tests\n"
    "  --json FILE    write the results there too\n"
    "  --limit MS     CPU time for one test, in milliseconds (or BYRE_TEST_LIMIT; 10000);\n"
    "                 after three that did not end, a tenth of it for the rest\n"
    "  --seed N       of random numbers (or BYRE_SEED)\n"
    "  --no-fork      run in this process: for a debugger, with one test\n";

static struct {
    struct runner runner;
    bool lists;
    int kind; /* -1: both */
    char **names;
    int nnames;
    bool *found; /* for each name */
} options = {.runner = {.forks = true, .limit = 10000}, .kind = -1};

static _Noreturn void misused(const char *what) {
    fprintf(stderr, "suite: %s\n%s", what, usage);
    exit(2);
}

static unsigned long number(const char *text) {
    char *end;
    unsigned long value = strtoul(text, &end, 0);
    if (!*text || *end || value == 0)
        misused("a number above 0 is expected");
    return value;
}

static void read_environment(void) {
    const char *seed = getenv("BYRE_SEED"), *limit = getenv("BYRE_TEST_LIMIT");
    if (seed)
        check_seed = number(seed);
    if (limit)
        options.runner.limit = number(limit);
}

static int kind_named(const char *name) {
    for (int kind = TEST_CONTRACT; kind <= TEST_QUALITY; kind++)
        if (strcmp(name, runner_kind_names[kind]) == 0)
            return kind;
    misused("the kinds are contract and quality");
}

static FILE *json_open(const char *name) {
    FILE *json = fopen(name, "w");
    if (!json) {
        perror(name);
        exit(2);
    }
    return json;
}

/* => true: the option took a value */
static bool read_option(const char *option, const char *value) {
    if (strcmp(option, "--list") == 0)
        return !(options.lists = true);
    if (strcmp(option, "--no-fork") == 0)
        return options.runner.forks = false;
    if (!value)
        misused(option);
    if (strcmp(option, "--kind") == 0)
        options.kind = kind_named(value);
    else if (strcmp(option, "--json") == 0)
        options.runner.json = json_open(value);
    else if (strcmp(option, "--limit") == 0)
        options.runner.limit = number(value);
    else if (strcmp(option, "--seed") == 0)
        check_seed = number(value);
    else
        misused(option);
    return true;
}

static void read_arguments(int argc, char **argv) {
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++)
        i += read_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
    options.names = argv + i;
    options.nnames = argc - i;
    options.found = calloc((size_t)options.nnames + 1, sizeof *options.found);
}

static bool is_wanted(enum test_kind kind, const struct test *test) {
    bool wanted = options.nnames == 0;
    for (int i = 0; i < options.nnames; i++)
        if (strcmp(options.names[i], test->name) == 0)
            wanted = options.found[i] = true;
    return wanted && (options.kind < 0 || options.kind == (int)kind);
}

static void run_one(enum test_kind kind, const struct test *test, struct verdicts *verdicts) {
    if (!is_wanted(kind, test))
        return;
    if (options.lists)
        printf("%s %s: %s\n", runner_kind_names[kind], test->name, test->rule);
    else
        runner_run(&options.runner, kind, test, verdicts);
}

static void run_all(enum test_kind kind, const struct test *const *suites,
                    struct verdicts *verdicts) {
    for (; *suites; suites++)
        for (const struct test *test = *suites; test->name; test++)
            run_one(kind, test, verdicts);
}

static void check_names(void) {
    for (int i = 0; i < options.nnames; i++)
        if (!options.found[i]) {
            fprintf(stderr, "suite: there is no test %s (--list tells all)\n", options.names[i]);
            exit(2);
        }
}

int suite_main(int argc, char **argv, const struct test *const *contract,
               const struct test *const *quality, int (*run)(const struct test *)) {
    struct verdicts verdicts = {0};
    read_environment();
    read_arguments(argc, argv);
    options.runner.run = run;
    if (!options.lists)
        runner_begin(&options.runner);
    run_all(TEST_CONTRACT, contract, &verdicts);
    run_all(TEST_QUALITY, quality, &verdicts);
    check_names();
    if (options.lists)
        return 0;
    runner_end(&options.runner);
    if (options.runner.json && fclose(options.runner.json) != 0) {
        perror("suite: the results cannot be written");
        return 2;
    }
    printf("%zu passed, %zu failed, of them %zu contract tests\n", verdicts.passed, verdicts.failed,
           verdicts.contract_failed);
    return verdicts.contract_failed > 0 || verdicts.passed + verdicts.failed == 0;
}
