/* forkbomb [GENERATIONS]: every process forks two, for so many generations (default 8, most 12).
 * Then all are gone again. It shows that running out of memory is an error and no more. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* => how many of the forks below here failed, as far as an exit status can tell */
static int generation(int left) {
    int failed = 0, status;
    for (int i = 0; left > 0 && i < 2; i++) {
        int pid = fork();
        if (pid == 0)
            _exit(generation(left - 1));
        failed += pid < 0;
    }
    while (wait(&status) > 0)
        failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    return failed > 200 ? 200 : failed;
}

int main(int argc, char **argv) {
    int generations = argc > 1 ? atoi(argv[1]) : 8;
    if (argc > 2 || generations < 1 || generations > 12)
        errx(2, "usage: forkbomb [GENERATIONS], from 1 to 12");
    int failed = generation(generations);
    printf("forkbomb: %d generations, %s%d forks failed\n", generations,
           failed >= 200 ? "at least " : "", failed);
    return 0;
}
