/* harts: give all harts work, until so many have had some.
 *
 * usage: harts NUMBER. Prints how many harts have run a thread, once NUMBER have; with fewer it
 * goes on for ever, which the test that starts it will notice. */
#include <stdio.h>
#include <stdlib.h>

#include "byre/syscall.h"

static int harts_busy(void) {
    struct hart_info hart;
    int n = 0;
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        n += hart.started && hart.busy_nanoseconds > 0;
    return n;
}

int main(int argc, char **argv) {
    int wanted = argc == 2 ? atoi(argv[1]) : 0;
    for (int i = 0; i < wanted; i++)
        if (sys_fork() == 0)
            for (;;) /* work, until the machine is off */
                (void)sys_yield();
    while (harts_busy() < wanted)
        (void)sys_yield();
    printf("%d harts have run\n", harts_busy());
    return 0;
}
