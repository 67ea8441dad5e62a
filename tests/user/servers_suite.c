/* Requests that the C library never makes: what servers do with handles that come with them, or
 * that are only said to come. */
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "tests/user/user.h"

/* Give away the writing end of a new pipe: its reader hears whether anybody has kept it. */
static long call_with_writer(int session, long operation, long word1) {
    int ends[2];
    char byte;
    CHECK_EQUAL(0, pipe(ends));
    long words[4] = {operation, word1, 0, ends[1]};
    CHECK_EQUAL(0, sys_call(session, words, NULL, 0, NULL, 0, MESSAGE_HANDLE));
    CHECK_EQUAL(0, read(ends[0], &byte, 1));
    CHECK_EQUAL(0, close(ends[0]));
    return words[0];
}

static void unwanted_handles(void) {
    CHECK_EQUAL(0, call_with_writer(HANDLE_ROOT, OP_FLAGS, 0));
    CHECK_EQUAL(-ENOSYS, call_with_writer(HANDLE_ROOT, -1, 0));
    CHECK_EQUAL(-ENOSYS, call_with_writer(HANDLE_PIPE, OP_FLAGS, 0));
    CHECK_EQUAL(1, call_with_writer(1, OP_ISATTY, 0));
    CHECK_EQUAL(0, call_with_writer(HANDLE_CONSOLE, OP_FOREGROUND, 0));
    CHECK_EQUAL(-EPERM, call_with_writer(1, OP_FOREGROUND, 1));
}

/* The number is one of the console's own, whatever it is; the console goes on. */
static void handles_not_given(void) {
    for (int number = -1; number < 512; number++) {
        long words[4] = {OP_FOREGROUND, 1, 0, number};
        CHECK_EQUAL(0, sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, 0));
        CHECK_EQUAL(-EBADF, words[0]);
    }
    long words[4] = {OP_FOREGROUND, 0};
    CHECK_EQUAL(0, sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, 0));
    CHECK_EQUAL(0, words[0]);
}

static const struct test servers_tests[] = {
    {"unwanted_handles", "a handle given with an operation that takes none is closed",
     unwanted_handles},
    {"handles_not_given", "a number in a word is no handle", handles_not_given},
    {0},
};
const struct test *const suites[] = {servers_tests, NULL};
