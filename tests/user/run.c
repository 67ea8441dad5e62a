/* Tests in user mode: each in a process of its own, then the audit, then the ledger of frames.
 *
 * The kernel's caches and the servers' heaps may keep a page that a first run has made them want.
 * A leak takes frames every time. So a test whose frames do not add up runs again, and fails when
 * they never do. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/memory.h"
#include "lib/print.h"
#include "tests/user/user.h"

/* A leak loses frames in every round. What another hart frees late, and how kernel objects lie in
 * their pages, differs from round to round. */
#define ROUNDS_MAX 12
#define YIELDS_MAX 100000
#define OPERATION_NONE (-1L)

void print(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof line)
        length = sizeof line - 1;
    if (write(1, line, (size_t)length) != length)
        _exit(99);
}

/* ---- Children ---- */

int child_start(child_body *body, long argument) {
    int pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        check_failures = 0;
        body(argument);
        _exit(check_failures ? 1 : 0);
    }
    return pid < 0 ? -1 : pid;
}

int child_wait(int pid) {
    int status = -1;
    return pid > 0 && sys_wait(pid, &status, 0) == pid ? status : -1;
}

int child_run(child_body *body, long argument) { return child_wait(child_start(body, argument)); }

void process_wait_blocked(int pid) {
    struct process_info info = {0};
    for (int i = 0; i < YIELDS_MAX && info.state != PROCESS_WAITING; i++) {
        CHECK_EQUAL(pid, sys_process_info(pid, &info));
        (void)sys_yield();
    }
    CHECK_EQUAL(PROCESS_WAITING, info.state);
}

/* ---- Memory ---- */

struct memory_info memory_now(void) {
    struct memory_info info = {0};
    CHECK_EQUAL(0, sys_memory_info(&info));
    return info;
}

size_t frames_free(void) { return memory_now().frames_free; }

char *pages_map(size_t npages, unsigned flags) {
    long start = sys_map(0, npages * USER_PAGE_SIZE, MAP_READ | MAP_WRITE | flags);
    CHECK(start > 0);
    return start > 0 ? (char *)start : NULL;
}

void pages_unmap(void *pages, size_t npages) {
    CHECK_EQUAL(0, sys_unmap((uintptr_t)pages, npages * USER_PAGE_SIZE));
}

void pages_fill(char *pages, size_t npages, int value) {
    for (size_t i = 0; i < npages; i++)
        *(volatile int *)(pages + i * USER_PAGE_SIZE) = value + (int)i;
}

bool pages_hold(const char *pages, size_t npages, int value) {
    for (size_t i = 0; i < npages; i++)
        if (*(const volatile int *)(pages + i * USER_PAGE_SIZE) != value + (int)i)
            return false;
    return true;
}

size_t memory_eat(size_t nframes, char **taken) {
    size_t eaten = frames_free() - 300;
    *taken = pages_map(frames_free(), 0);
    pages_fill(*taken, eaten, 100);
    for (; frames_free() > nframes; eaten++) /* page tables are eaten too */
        *(volatile int *)(*taken + eaten * USER_PAGE_SIZE) = 100 + (int)eaten;
    return eaten;
}

static void eats_and_stays(long nframes, struct gate *gate) {
    char *taken;
    gate_wait(gate); /* the parent has its pages back */
    (void)memory_eat((size_t)nframes, &taken);
    (void)sys_sleep(UINT64_MAX);
}

int eater_start(long nframes) {
    struct gate gate;
    CHECK_EQUAL(0, memory_fill());
    gate_make(&gate);
    int eater = fork();
    if (eater == 0)
        eats_and_stays(nframes, &gate);
    CHECK(eater > 0);
    gate_open(&gate);
    for (int i = 0; i < YIELDS_MAX && frames_free() > (size_t)nframes; i++)
        (void)sys_yield();
    process_wait_blocked(eater);
    return eater;
}

void eater_end(int eater) {
    CHECK_EQUAL(0, sys_kill(eater, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(eater));
}

unsigned long regions_sum(void) {
    struct region_info region = {0};
    unsigned long sum = 0;
    while (sys_region_info((int)sys_getpid(), region.end, &region) == 0)
        sum = sum * 31 + region.start * 7 + region.end * 5 + region.rights * 3 + region.kind;
    return sum;
}

struct page_info page_of(int pid, const void *address) {
    struct page_info info = {0};
    CHECK_EQUAL(1, sys_page_info(pid, page_round_down((uintptr_t)address), &info, 1));
    return info;
}

/* ---- Gates: the end of file of a pipe ---- */

void gate_make(struct gate *gate) { CHECK_EQUAL(0, pipe(gate->ends)); }

void gate_wait(struct gate *gate) {
    char byte;
    close(gate->ends[1]);
    CHECK_EQUAL(0, read(gate->ends[0], &byte, 1));
    close(gate->ends[0]);
}

void gate_open(struct gate *gate) {
    close(gate->ends[0]);
    close(gate->ends[1]);
}

/* ---- Running ---- */

static int processes_count(void) {
    struct process_info info;
    int n = 0;
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        n++;
    return n;
}

/* Notices of closed sessions come before calls: a server that answers has heard of them all. */
void servers_settle(void) {
    static const int servers[] = {HANDLE_ROOT, HANDLE_PIPE, 1};
    for (size_t i = 0; i < array_length(servers); i++) {
        long words[4] = {OPERATION_NONE};
        (void)sys_call(servers[i], words, NULL, 0, NULL, 0, 0);
    }
}

static bool others_run(void) {
    struct process_info info;
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        if (pid != sys_getpid() && (info.state == PROCESS_READY || info.state == PROCESS_RUNNING))
            return true;
    return false;
}

void others_wait(void) {
    bool run = true;
    servers_settle();
    for (int i = 0; i < YIELDS_MAX && (run = others_run()); i++)
        (void)sys_yield();
    CHECK(!run);
}

static int processes_before;

bool machine_settle(void) {
    for (int i = 0; processes_count() > processes_before && i < YIELDS_MAX; i++)
        (void)sys_yield();
    servers_settle();
    return processes_count() == processes_before;
}

static void test_body(long test) { ((const struct test *)test)->run(); }

int check_one(const struct test *test) {
    long lost = 0;
    check_failures = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        CHECK(machine_settle());
        size_t before = frames_free();
        CHECK_EQUAL(0, child_run(test_body, (long)test));
        CHECK(machine_settle());
        CHECK_EQUAL(0, audit());
        lost = (long)before - (long)frames_free();
        if (check_failures || lost == 0)
            break;
    }
    CHECK_EQUAL(0, lost);
    return check_failures;
}

int main(int argc, char **argv) {
    const char *seed = getenv("BYRE_SEED");
    if (seed && strtoul(seed, NULL, 0) != 0)
        check_seed = strtoul(seed, NULL, 0);
    print("seed %lu\n", check_seed);
    processes_before = processes_count();
    int status = check_run(suites, argc > 1 ? argv[1] : NULL);
    if (status == 0)
        print("user tests: all passed\n");
    return status;
}
