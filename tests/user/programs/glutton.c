/* glutton names|sessions|pipes: a child of it makes the servers keep as much as they will, and
 * stays. It prints the child's number and ends, so that the child is an orphan. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

/* => the server's answer; a session that it brings stays open */
static long ask(int session, long operation, const char *path) {
    long words[4] = {operation};
    long error = sys_call(session, words, path, path ? strlen(path) + 1 : 0, NULL, 0, 0);
    return error < 0 ? error : words[0];
}

/* The longest names fill most. */
static long name_make(long i) {
    char path[256];
    int length = sprintf(path, "/tmp/g/%ld", i);
    memset(path + length, 'n', sizeof path - 2 - (size_t)length);
    path[sizeof path - 2] = 0;
    return ask(HANDLE_ROOT, OP_MKDIR, path);
}

static void take_all(char kind) {
    long i = 0;
    if (kind == 'n')
        (void)mkdir("/tmp/g", 0700);
    while (kind == 'n'   ? name_make(i++) == 0
           : kind == 's' ? ask(HANDLE_ROOT, OP_OPEN, "/") == 0
                         : ask(HANDLE_PIPE, OP_PIPE_CREATE, NULL) == 0)
        ;
}

int main(int argc, char **argv) {
    int ends[2];
    char byte;
    if (argc != 2 || pipe(ends) < 0)
        errx(2, "usage: glutton names|sessions|pipes");
    int child = fork();
    if (child == 0) {
        take_all(*argv[1]);
        (void)close(ends[0]);
        (void)close(ends[1]);
        for (;;)
            (void)sys_sleep(UINT64_MAX);
    }
    (void)close(ends[1]);
    (void)read(ends[0], &byte, 1); /* until the child has closed the other end */
    printf("%d\n", child);
    return child < 0;
}
