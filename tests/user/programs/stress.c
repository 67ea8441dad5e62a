/* stress: processes and threads that do random things to memory, and check each byte of it.
 *
 * usage: stress [SEED [ROUNDS]]. A round is a process with threads; each thread has pages of its
 * own, and steps that its own random numbers choose, so that a seed says all that each thread does,
 * though not in which order the threads do it. Each round ends with nothing left but this process;
 * then the audit must find nothing, and in the end the free frames must be as many as before. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/syscall.h"

#define THREADS 3
#define STEPS 25
#define DEPTH 2 /* of children of children */
#define PAGES 6
#define PAGE USER_PAGE_SIZE
#define WORDS (PAGE / sizeof(uint64_t))

static int port, session; /* of the round: calls are answered by a thread of its first process */

struct actor {
    uint64_t random;
    unsigned depth;
    uint64_t *pages;       /* PAGES of them; NULL: not mapped now */
    uint64_t value[PAGES]; /* that each word of a page holds, but for its number */
    bool read_only;
};

static uint64_t random_next(struct actor *actor) {
    actor->random = actor->random * 6364136223846793005 + 1442695040888963407;
    return actor->random >> 33;
}

static void fail(const char *what, long found) {
    printf("stress: [pid %ld] %s: %ld\n", sys_getpid(), what, found);
    (void)fflush(stdout);
    sys_exit(1);
}

/* ---- Steps ---- */

static void pages_check(const struct actor *actor) {
    for (size_t page = 0; actor->pages && page < PAGES; page++)
        for (size_t i = 0; i < WORDS; i += 37) {
            uint64_t value = actor->value[page];
            if (actor->pages[page * WORDS + i] != (value ? value + i : 0))
                fail("a page does not hold what was written", (long)page);
        }
}

static void step_write(struct actor *actor) {
    size_t page = random_next(actor) % PAGES;
    if (!actor->pages || actor->read_only)
        return;
    actor->value[page] = random_next(actor) << 16 | 1;
    for (size_t i = 0; i < WORDS; i++)
        actor->pages[page * WORDS + i] = actor->value[page] + i;
}

static void step_map(struct actor *actor) {
    if (actor->pages) {
        if (sys_unmap((uintptr_t)actor->pages, PAGES * PAGE) < 0)
            fail("unmap", 0);
        actor->pages = NULL;
        return;
    }
    long start = sys_map(0, PAGES * PAGE, MAP_READ | MAP_WRITE);
    if (start < 0)
        fail("map", start);
    actor->pages = (uint64_t *)start;
    actor->read_only = false;
    memset(actor->value, 0, sizeof actor->value);
}

static void step_protect(struct actor *actor) {
    if (!actor->pages)
        return;
    actor->read_only = !actor->read_only;
    long error = sys_protect((uintptr_t)actor->pages, PAGES * PAGE,
                             actor->read_only ? MAP_READ : MAP_READ | MAP_WRITE);
    if (error)
        fail("protect", error);
}

/* The server adds 1 to the word, and sends a page back, which lands in pages that may be shared. */
static void step_call(struct actor *actor) {
    size_t page = random_next(actor) % PAGES;
    long words[4] = {(long)random_next(actor)}, asked = words[0];
    bool there = actor->pages && !actor->read_only;
    uint64_t value = actor->value[page] ? actor->value[page] : 1;
    uint64_t *buffer = there ? actor->pages + page * WORDS : NULL;
    for (size_t i = 0; there && i < WORDS; i++)
        buffer[i] = value + i;
    long error = sys_call(session, words, buffer, there ? PAGE : 0, buffer, there ? PAGE : 0, 0);
    if (error || words[0] != asked + 1)
        fail("call", error);
    if (there)
        actor->value[page] = value + 1;
}

static void *actor_run(void *argument);

/* A thread with pages of its own; it forks at most so deep. */
static void step_thread(struct actor *actor) {
    struct actor other = {.random = random_next(actor), .depth = actor->depth + 1};
    pthread_t thread;
    if (actor->depth >= DEPTH || pthread_create(&thread, NULL, actor_run, &other) != 0)
        return;
    (void)pthread_join(thread, NULL);
}

static void child_run(struct actor *actor) {
    actor->random = random_next(actor);
    actor->depth++;
    pages_check(actor);
    (void)actor_run(actor);
    sys_exit(0);
}

static void step_fork(struct actor *actor) {
    int status;
    bool kill_it = random_next(actor) % 4 == 0;
    if (actor->depth >= DEPTH)
        return;
    pid_t pid = fork();
    if (pid < 0)
        return;
    if (pid == 0)
        child_run(actor);
    for (int i = 0; i < 3; i++)
        step_write(actor); /* at once, while the child looks at its own */
    long process = kill_it ? sys_process_open(pid) : -1;
    if (process >= 0) { /* with its children, which have nobody to wait for them */
        (void)sys_process_kill((int)process, SIGNAL_KILL);
        (void)sys_handle_close((int)process);
    }
    if (waitpid(pid, &status, 0) != pid || (status != 0 && !(kill_it && status == SIGNAL_KILL)))
        fail("a child ended by", status);
}

static void *actor_run(void *argument) {
    struct actor *actor = argument;
    static void (*const steps[])(struct actor *) = {
        step_write, step_write, step_write, step_map,    step_protect,
        step_call,  step_call,  step_fork,  step_thread,
    };
    for (int i = 0; i < STEPS; i++) {
        steps[random_next(actor) % (sizeof steps / sizeof *steps)](actor);
        pages_check(actor);
    }
    if (actor->pages)
        (void)sys_unmap((uintptr_t)actor->pages, PAGES * PAGE);
    return NULL;
}

/* ---- Rounds ---- */

static void *serve(void *ignored) {
    static uint64_t buffer[WORDS];
    struct message message;
    while (sys_receive(port, buffer, sizeof buffer, &message) == MESSAGE_CALL) {
        const long words[4] = {message.word[0] + 1};
        for (size_t i = 0; i < message.out_bytes / sizeof *buffer; i++)
            buffer[i]++;
        (void)sys_reply(message.token, words, buffer, message.in_bytes, 0, port);
    }
    return ignored;
}

static _Noreturn void round_run(uint64_t seed) {
    pthread_t threads[THREADS], server;
    struct actor actors[THREADS];
    port = (int)sys_port_create();
    session = (int)sys_session_create(port, 0);
    if (pthread_create(&server, NULL, serve, NULL) != 0)
        fail("no thread", 0);
    for (uint64_t i = 0; i < THREADS; i++) {
        actors[i] = (struct actor){.random = seed * THREADS + i};
        if (pthread_create(&threads[i], NULL, actor_run, &actors[i]) != 0)
            fail("no thread", (long)i);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    exit(0); /* the server is ended as it waits */
}

static int processes_count(void) {
    struct process_info info;
    int n = 0;
    for (long pid = 0; (pid = sys_process_info((int)pid, &info)) > 0; pid++)
        n++;
    return n;
}

/* Wait until the children of those that were killed have ended too. A server that answers has heard
 * of all that was closed before. */
static size_t frames_settled(int processes) {
    static const int servers[] = {HANDLE_ROOT, HANDLE_PIPE, 1};
    struct memory_info memory;
    while (processes_count() > processes)
        (void)sys_yield();
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        long words[4] = {-1};
        (void)sys_call(servers[i], words, NULL, 0, NULL, 0, 0);
    }
    (void)sys_memory_info(&memory);
    return memory.frames_free;
}

int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoul(argv[1], NULL, 0) : (uint64_t)sys_clock();
    long rounds = argc > 2 ? strtol(argv[2], NULL, 0) : 10, lost = -1;
    printf("stress: seed %lu, %ld rounds\n", (unsigned long)seed, rounds);
    (void)fflush(stdout);
    size_t before = 0;
    int processes = processes_count();
    for (long round = 0; round < rounds || (lost != 0 && round < rounds + 4); round++) {
        int status, pid = fork();
        if (pid == 0)
            round_run(seed + (uint64_t)round);
        if (waitpid(pid, &status, 0) != pid || status != 0)
            fail("a round ended by", status);
        (void)frames_settled(processes);
        long violations = sys_audit(); /* -ENOSYS: a release build */
        if (violations != 0 && violations != -ENOSYS)
            fail("the audit found something in round", round);
        /* The kernel's caches may keep a page that they never had to have before. */
        lost = (long)before - (long)frames_settled(processes);
        before = frames_settled(processes);
    }
    if (lost != 0)
        fail("frames are lost in each round", lost);
    printf("stress: all went well\n");
    return 0;
}
