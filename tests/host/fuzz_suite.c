/* The driver of the fuzzer: programs from a seed, and of one that fails a short one that fails too.
 *
 * Each program runs in a process of its own, since it may crash or not end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/host/fuzz.h"
#include "tests/host/log.h"
#include "tests/machine.h"

#define PROGRAMS 150 /* or as many as BYRE_FUZZ_PROGRAMS says */
#define OPERATIONS 120
#define PROGRAM_BYTES (OPERATIONS * FUZZ_OPERATION_BYTES)
#define LIMIT_US 200000 /* of CPU time, for one program */
#define SHRINK_SECONDS 2

static __attribute__((noreturn)) void end_program(int status) { _exit(status ? status : 1); }

static _Noreturn void run_here(const uint8_t *bytes, size_t nbytes, bool silent) {
    const struct itimerval time = {.it_value = {.tv_usec = LIMIT_US}};
    if (silent && !freopen("/dev/null", "w", stdout))
        _exit(2);
    machine_end = end_program;
    machine_log = NULL;
    signal(SIGVTALRM, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    setitimer(ITIMER_VIRTUAL, &time, NULL);
    size_t failed = fuzz_run(bytes, nbytes);
    fflush(stdout);
    _exit(failed != SIZE_MAX);
}

static bool fails(const uint8_t *bytes, size_t nbytes, bool silent) {
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        run_here(bytes, nbytes, silent);
    waitpid(pid, &status, 0);
    if (!silent && WIFSIGNALED(status))
        printf("  signal %d: %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return status != 0;
}

/* Programs that do not end take long: so much time, and no more, is spent on a shorter one. */
static bool time_is_left(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_utime.tv_sec < SHRINK_SECONDS;
}

/* Leave out operations, many at first, while what is left still fails. */
static size_t shrink(uint8_t *bytes, size_t nbytes) {
    static uint8_t shorter[PROGRAM_BYTES];
    for (size_t n = nbytes / FUZZ_OPERATION_BYTES / 2; n > 0; n /= 2) {
        size_t part = n * FUZZ_OPERATION_BYTES;
        for (size_t at = 0; at + part <= nbytes && time_is_left();) {
            memcpy(shorter, bytes, at);
            memcpy(shorter + at, bytes + at + part, nbytes - at - part);
            if (fails(shorter, nbytes - part, true))
                memcpy(bytes, shorter, nbytes -= part);
            else
                at += part;
        }
    }
    return nbytes;
}

static void report(uint8_t *bytes, unsigned long program) {
    size_t nbytes = shrink(bytes, PROGRAM_BYTES);
    printf("  seed %lu, program %lu, made shorter to %zu operations:\n", check_seed, program,
           nbytes / FUZZ_OPERATION_BYTES);
    fuzz_print(bytes, nbytes);
    (void)fails(bytes, nbytes, false);
    check_failures++;
}

/* The ordinary machine afterwards: check_one holds the frames against what was before. */
static void like_a_model(void) {
    static uint8_t bytes[PROGRAM_BYTES];
    const char *wanted = getenv("BYRE_FUZZ_PROGRAMS");
    unsigned long nprograms = wanted ? strtoul(wanted, NULL, 0) : PROGRAMS;
    machine_note("%lu programs from the seed %lu", nprograms, check_seed);
    for (unsigned long program = 0; program < nprograms; program++) {
        for (size_t i = 0; i < PROGRAM_BYTES; i++)
            bytes[i] = (uint8_t)check_random();
        if (fails(bytes, PROGRAM_BYTES, true)) {
            report(bytes, program);
            return;
        }
    }
}

const struct test fuzz_tests[] = {
    {"like_a_model", "any program of forks, stores, messages, maps and ends does what copies would",
     like_a_model},
    {NULL, NULL, NULL},
};
