/* Threads as POSIX wants them: docs/posix.md. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/user/user.h"

#define N 8
#define PAGE USER_PAGE_SIZE

typedef void *thread_body(void *argument);

static pthread_t thread_start(thread_body *body, void *argument) {
    pthread_t thread = NULL;
    CHECK_EQUAL(0, pthread_create(&thread, NULL, body, argument));
    return thread;
}

/* => what the thread returned */
static long thread_end(pthread_t thread) {
    void *result = (void *)-1;
    CHECK_EQUAL(0, pthread_join(thread, &result));
    return (long)result;
}

/* ---- Begin and end ---- */

static void *add_one(void *argument) { return (char *)argument + 1; }

static void *exit_inside(void *argument) {
    pthread_exit((char *)argument + 2);
    return NULL;
}

static void results(void) {
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = thread_start(i % 2 ? add_one : exit_inside, (void *)(i * 10));
    for (long i = 0; i < N; i++)
        CHECK_EQUAL(i * 10 + (i % 2 ? 1 : 2), thread_end(threads[i]));
}

static const struct test thread_tests[] = {
    {"results", "join tells what a thread returned, or told pthread_exit", results},
    {0},
};
const struct test *const suites[] = {thread_tests, NULL};
