/* uptime: how long the machine is up, and how many processes there are. */
#include <stdio.h>

#include "byre/syscall.h"

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
    return 0;
}
