/* Runs tests, each in a process of its own: what one does to its process, no other one feels.
 *
 * The one idea: a test has passed when its process says so in memory that both share, and in no
 * other way. A crash, a panic, a loop, or an end of the process in the middle leave that unsaid.
 * What the process printed, and what it did (the log), outlive it. */
#define _GNU_SOURCE
#include "tests/host/runner.h"

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/log.h"
#include "tests/machine.h"

#define OUTPUT_MAX (256 * 1024) /* bytes that a test may print */
#define MESSAGE_MAX 6000        /* of them, that are shown */
#define FRAMES_MAX 24
#define SECONDS_MAX 60 /* of a test that waits and uses no CPU time */

enum end { END_NONE, END_DONE, END_PANIC, END_LIMIT, END_SIGNAL };
enum status { PASS, FAIL, CRASH, TIMEOUT };
static const char *const status_names[] = {"PASS", "FAIL", "CRASH", "TIMEOUT"};

/* What the process of a test tells. */
static struct report {
    enum end end;
    int failures;
    int signal;
    int nframes;
    void *frame[FRAMES_MAX]; /* return addresses, at a crash or a panic */
    struct log log;
} * report;

#define TIMEOUTS_MAX                                                                               \
    3 /* after so many, the rest have a tenth of the limit: the file does not end */

static unsigned long limit_ms;
static size_t ntimeouts;
const char *const runner_kind_names[] = {"contract", "quality"};

/* ---- In the process of the test ---- */

static __attribute__((noreturn)) void end_child(int status) {
    report->end = status == 2 ? END_PANIC : END_DONE;
    report->failures = check_failures + (status == 1);
    if (status == 2)
        report->nframes = backtrace(report->frame, FRAMES_MAX);
    _exit(status);
}

static void at_signal(int number) {
    static const char limit[] = "  it did not end within its limit of CPU time\n";
    report->end = number == SIGPROF ? END_LIMIT : END_SIGNAL;
    report->signal = number;
    report->nframes = backtrace(report->frame, FRAMES_MAX);
    if (number == SIGPROF && write(STDOUT_FILENO, limit, sizeof limit - 1) < 0)
        report->signal = number;
    fflush(stdout);
    _exit(3);
}

/* On a stack of its own: a test may have used up the one it runs on. */
static void catch_signals(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGPROF};
    static char stack[256 * 1024];
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = at_signal, .sa_flags = SA_ONSTACK};
    void *frame;
    (void)backtrace(&frame, 1); /* its library is loaded now, not in a handler */
    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
}

static void set_limits(void) {
    const struct itimerval time = {
        .it_value = {.tv_sec = (long)(limit_ms / 1000), .tv_usec = (long)(limit_ms % 1000 * 1000)}};
    const struct rlimit output = {OUTPUT_MAX, OUTPUT_MAX}, core = {0, 0};
    const struct rlimit cpu = {limit_ms / 1000 + 5, limit_ms / 1000 + 5}; /* were signals blocked */
    setrlimit(RLIMIT_FSIZE, &output);
    setrlimit(RLIMIT_CORE, &core);
    setrlimit(RLIMIT_CPU, &cpu);
    signal(SIGXFSZ, SIG_IGN); /* what is too much is not written */
    setitimer(ITIMER_PROF, &time, NULL);
}

static _Noreturn void child(const struct runner *runner, const struct test *test, int output) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    catch_signals();
    set_limits();
    machine_end = end_child;
    report->failures = runner->run(test);
    report->end = END_DONE;
    fflush(stdout);
    _exit(0);
}

/* ---- The verdict ---- */

/* => false: it had to be killed */
static bool wait_for(pid_t pid) {
    const struct timespec second = {.tv_sec = 1};
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    for (int i = 0; i < SECONDS_MAX; i++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return true;
        (void)sigtimedwait(&child_ended, NULL, &second);
    }
    bool in_time = waitpid(pid, NULL, WNOHANG) != 0;
    if (!in_time) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return in_time;
}

static enum status status_of(bool in_time) {
    if (!in_time || report->end == END_LIMIT)
        return TIMEOUT;
    if (report->end != END_DONE)
        return CRASH;
    return report->failures ? FAIL : PASS;
}

/* What it printed, and why it ended when it did not say so. */
static void read_message(int output, enum status status, char *message) {
    ssize_t n = pread(output, message, MESSAGE_MAX - 200, 0);
    size_t length = n > 0 ? (size_t)n : 0;
    message[length] = 0;
    if (length > 0 && message[length - 1] != '\n')
        message[length++] = '\n', message[length] = 0;
    if (status == CRASH && report->end == END_SIGNAL)
        (void)snprintf(message + length, 200, "  signal %d: %s\n", report->signal,
                       strsignal(report->signal));
    else if (status == CRASH && report->end == END_NONE)
        (void)snprintf(message + length, 200, "  the process ended in the middle of the test\n");
    else if (status == TIMEOUT && report->end == END_NONE)
        (void)snprintf(message + length, 200, "  it did not end within %d seconds\n", SECONDS_MAX);
}

/* ---- Print it ---- */

static size_t first_line(void) { return report->log.n > LOG_LINES ? report->log.n - LOG_LINES : 0; }

static void print_result(const struct test *test, enum status status, const char *message) {
    if (status != PASS) {
        printf("%s", message);
        for (size_t i = first_line(); i < report->log.n; i++)
            printf("    %zu. %s\n", i + 1, report->log.line[i % LOG_LINES]);
    }
    printf("%s %s: %s\n", status_names[status], test->name, test->rule);
    fflush(stdout);
}

static void json_string(FILE *json, const char *bytes) {
    putc('"', json);
    for (; *bytes; bytes++)
        if (*bytes == '"' || *bytes == '\\')
            fprintf(json, "\\%c", *bytes);
        else if ((unsigned char)*bytes < 32 || (unsigned char)*bytes > 126)
            fprintf(json, "\\u%04x", (unsigned char)*bytes);
        else
            putc(*bytes, json);
    putc('"', json);
}

/* The place of the first check that failed: "  file:line: ...". */
static void json_place(FILE *json, const char *message) {
    char file[200];
    int line;
    if (sscanf(message, " %199[^: ]:%d:", file, &line) != 2)
        return;
    fprintf(json, ", \"file\": ");
    json_string(json, file);
    fprintf(json, ", \"line\": %d", line);
}

static void json_result(FILE *json, enum test_kind kind, const struct test *test,
                        enum status status, const char *message, double seconds) {
    static bool any;
    fprintf(json, "%s\n {\"name\": \"%s\", \"kind\": \"%s\", \"status\": \"%s\", \"rule\": ",
            any ? "," : "", test->name, runner_kind_names[kind], status_names[status]);
    any = true;
    json_string(json, test->rule);
    fprintf(json, ", \"seconds\": %.4f, \"message\": ", seconds);
    json_string(json, status == PASS ? "" : message);
    if (status != PASS)
        json_place(json, message);
    fprintf(json, ", \"operations\": [");
    for (size_t i = first_line(); i < report->log.n && status != PASS; i++) {
        fprintf(json, "%s", i > first_line() ? ", " : "");
        json_string(json, report->log.line[i % LOG_LINES]);
    }
    fprintf(json, "], \"backtrace\": [");
    for (int i = 0; i < report->nframes && status != PASS; i++)
        fprintf(json, "%s\"%p\"", i > 0 ? ", " : "", report->frame[i]);
    fprintf(json, "]}");
    fflush(json); /* who ends us in the middle has what was told */
}

/* ---- Run ---- */

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run_here(const struct runner *runner, enum test_kind kind, const struct test *test,
                     struct verdicts *verdicts) {
    int failures = runner->run(test);
    printf("%s %s: %s\n", failures ? "FAIL" : "PASS", test->name, test->rule);
    verdicts->passed += failures == 0;
    verdicts->failed += failures != 0;
    verdicts->contract_failed += failures != 0 && kind == TEST_CONTRACT;
}

void runner_run(const struct runner *runner, enum test_kind kind, const struct test *test,
                struct verdicts *verdicts) {
    static char message[MESSAGE_MAX];
    if (!runner->forks) {
        run_here(runner, kind, test, verdicts);
        return;
    }
    memset(report, 0, sizeof *report);
    double before = cpu_seconds();
    int output = memfd_create("output", MFD_CLOEXEC);
    pid_t pid = output < 0 ? -1 : fork();
    if (pid == 0)
        child(runner, test, output);
    if (pid < 0) {
        fprintf(stderr, "suite: a test cannot be started: %s\n", strerror(errno));
        exit(2);
    }
    enum status status = status_of(wait_for(pid));
    read_message(output, status, message);
    close(output);
    print_result(test, status, message);
    if (runner->json)
        json_result(runner->json, kind, test, status, message, cpu_seconds() - before);
    if (status == TIMEOUT && ++ntimeouts == TIMEOUTS_MAX)
        limit_ms = limit_ms / 10 + 1;
    verdicts->passed += status == PASS;
    verdicts->failed += status != PASS;
    verdicts->contract_failed += status != PASS && kind == TEST_CONTRACT;
}

void runner_begin(const struct runner *runner) {
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED) {
        fprintf(stderr, "suite: no memory for the reports\n");
        exit(2);
    }
    sigset_t child_ended; /* wait_for waits for it */
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, NULL);
    limit_ms = runner->limit;
    machine_log = &report->log;
    if (runner->json)
        fprintf(runner->json, "[");
}

void runner_end(const struct runner *runner) {
    if (runner->json)
        fprintf(runner->json, "\n]\n");
}
