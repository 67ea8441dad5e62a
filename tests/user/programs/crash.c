/* crash CHILDREN ROUNDS: so many children at once, each of which makes processes that end by a
 * fault, one after the other. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void crash_often(int rounds) {
    for (int i = 0; i < rounds; i++) {
        int pid = fork();
        if (pid < 0)
            err(1, "fork");
        if (pid == 0)
            *(volatile char *)NULL = 1;
        (void)waitpid(pid, NULL, 0);
    }
}

int main(int argc, char **argv) {
    int children = argc == 3 ? atoi(argv[1]) : 0, rounds = argc == 3 ? atoi(argv[2]) : 0;
    for (int i = 0; i < children; i++) {
        int pid = fork();
        if (pid < 0)
            err(1, "fork");
        if (pid == 0) {
            crash_often(rounds);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    printf("all have crashed\n");
    return 0;
}
