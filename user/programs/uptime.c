/* uptime: how long the machine is up, how many processes there are, and how busy each hart was. */
#include <stdio.h>

#include "byre/syscall.h"

static void harts_print(void) {
    struct hart_info hart;
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        if (hart.started)
            printf("hart %u: %lu%% busy, %lu threads taken from others\n", hart.id,
                   (unsigned long)(hart.busy_nanoseconds * 100 / (hart.nanoseconds + 1)),
                   (unsigned long)hart.stolen);
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        if (hart.longest_stay > 0)
            printf("hart %u: longest stay in the kernel %lu us, for call %lu\n", hart.id,
                   (unsigned long)(hart.longest_stay / 1000), (unsigned long)hart.longest_call);
}

int main(void) {
    struct process_info info;
    int processes = 0;
    uint64_t busy = 0;
    for (int pid = 0; sys_process_info(pid, &info) > 0; pid = info.pid + 1) {
        processes++;
        busy += info.nanoseconds;
    }
    long up = sys_clock();
    printf("up %ld.%02ld s, %d processes, %lu ms of running by those that live\n", up / 1000000000,
           up / 10000000 % 100, processes, (unsigned long)(busy / 1000000));
    harts_print();
    return 0;
}
