/* All memory is taken, and stays taken: what needs some gets an error or ends, and the servers and
 * the shell go on. Afterwards all works, and no frame is missing: the runner counts. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/memory.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE

static bool no_memory(void) { return errno == ENOMEM || errno == ENOSPC; }

/* ---- The shell ---- */

static int shell_exec(const int input[2]) {
    int null = open("/dev/null", O_WRONLY);
    dup2(input[0], 0);
    dup2(null, 1);
    dup2(null, 2);
    close(null);
    close(input[0]);
    close(input[1]);
    execl("/bin/sh", "sh", NULL);
    return 127;
}

static void say(int shell, const char *text) {
    CHECK_EQUAL(strlen(text), write(shell, text, strlen(text)));
}

/* What the shell is told while there is no memory; each of it may fail. */
static const char attempts[] = "ls /\n"
                               "cat /bin/ls\n"
                               "echo hi > /tmp/attempt\n"
                               "ls / | cat | wc\n"
                               "cat < /bin/ls | cat > /tmp/attempt\n"
                               "sleep 0 &\n"
                               "cd /tmp; cd /nowhere; cd /\n"
                               "A=b; nothing 2>&1 | nothing\n"
                               "wait\n";

static void shell_answers(void) {
    static const long left[] = {0, 5, 20, 60};
    for (size_t i = 0; i < array_length(left); i++) {
        int input[2], status;
        CHECK_EQUAL(0, pipe(input));
        int shell = fork();
        if (shell == 0)
            _exit(shell_exec(input));
        close(input[0]);
        say(input[1], "cd /tmp\n"); /* the ring has its page now */
        process_wait_blocked(shell);
        int eater = eater_start(left[i]);
        say(input[1], attempts);
        say(input[1], "exit 42\n");
        CHECK_EQUAL(shell, waitpid(shell, &status, 0));
        CHECK_EQUAL(STATUS_EXITED(42), status);
        eater_end(eater);
        CHECK_EQUAL(0, close(input[1]));
        CHECK(unlink("/tmp/attempt") == 0 || errno == ENOENT);
    }
}

/* ---- Fork ---- */

/* One frame fewer each time: somewhere there are enough for the fork, and too few for what the
 * parent stores next. */
static void parents_outlive_forks(void) {
    enum { N = 60 };
    static volatile char kept[16][PAGE];
    char *more = pages_map(N, 0);
    CHECK_EQUAL(0, sys_fill((uintptr_t)more, PAGE)); /* the page table is there */
    int eater = eater_start(N);
    for (int i = 1; i < N; i++) {
        int child = fork();
        if (child == 0)
            _exit(0);
        for (size_t k = 0; k < array_length(kept); k++)
            kept[k][0] = (char)i;
        CHECK(child > 0 || no_memory());
        int status = child_wait(child);
        CHECK(child < 0 || status == 0 || status == SIGNAL_KILL);
        (void)sys_fill((uintptr_t)more + (uintptr_t)i * PAGE, PAGE);
    }
    eater_end(eater);
}

/* ---- Pipes ---- */

static void pipes_refuse(void) {
    static char bytes[4 * PAGE];
    enum { N = 40 };
    int ends[N][2];
    memset(bytes, 'x', sizeof bytes);
    for (long left = 0; left < 30; left += 7) {
        int made = 0;
        int eater = eater_start(left);
        while (made < N && pipe(ends[made]) == 0)
            made++;
        CHECK(made == N || no_memory());
        for (int i = 0; i < made; i++) {
            /* A small write comes with its request, a large one is fetched. */
            ssize_t n = write(ends[i][1], bytes, i % 2 ? sizeof bytes : 100);
            CHECK(n > 0 || no_memory());
            char back[sizeof bytes];
            CHECK(n < 0 || (read(ends[i][0], back, sizeof back) == n &&
                            memcmp(back, bytes, (size_t)n) == 0));
        }
        eater_end(eater);
        for (int i = 0; i < made; i++) { /* a write that failed has left nothing behind */
            char byte;
            CHECK_EQUAL(1, write(ends[i][1], "y", 1));
            CHECK(read(ends[i][0], &byte, 1) == 1 && byte == 'y');
            CHECK(close(ends[i][0]) == 0 && close(ends[i][1]) == 0);
        }
    }
}

/* ---- A fork bomb that stays ---- */

/* It stores nothing, so that none of its processes ends for want of memory: they would leave
 * orphans that nobody could end. */
_Noreturn static void bomb(volatile int *failed) {
    for (;;)
        if (sys_fork() < 0) {
            *failed = 1;
            (void)sys_sleep(1000000);
        }
}

static void fork_bomb_stays(void) {
    struct gate gate;
    volatile int *failed = (volatile int *)pages_map(1, MAP_SHARE);
    int eater = eater_start(2000); /* so that a few hundred processes are all that fit */
    gate_make(&gate);
    int root = fork();
    if (root == 0) {
        gate_wait(&gate);
        bomb(failed);
    }
    int handle = (int)sys_process_open(root);
    CHECK(handle >= 0);
    gate_open(&gate);
    while (!*failed)
        (void)sys_yield();
    for (int i = 0; i < 20; i++) {
        int file = open("/tmp/bombed", O_RDWR | O_CREAT, 0644);
        CHECK(file >= 0 || no_memory());
        if (file >= 0) {
            CHECK(write(file, "x", 1) == 1 || no_memory());
            CHECK_EQUAL(0, close(file));
        }
    }
    CHECK_EQUAL(0, sys_process_kill(handle, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(root));
    CHECK_EQUAL(0, sys_handle_close(handle));
    eater_end(eater);
    CHECK(unlink("/tmp/bombed") == 0 || errno == ENOENT);
}

static const struct test no_memory_tests[] = {
    {"shell_answers", "the shell answers while a program has taken all memory", shell_answers},
    {"parents_outlive_forks", "a fork takes nothing from a parent that keeps its memory",
     parents_outlive_forks},
    {"pipes_refuse", "a pipe without memory is an error and loses nothing", pipes_refuse},
    {"fork_bomb_stays", "a fork bomb that stays can be lived with, and ended", fork_bomb_stays},
    {0},
};
const struct test *const suites[] = {no_memory_tests, NULL};
