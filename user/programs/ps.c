/* ps: the processes, with their state, hart, threads, open handles, resident pages and time. */
#include <stdio.h>

#include "byre/syscall.h"

int main(void) {
    static const char *const states[] = {"ready", "running", "waiting", "ended"};
    struct process_info info;
    printf("%5s %5s %-8s %4s %7s %7s %7s %9s  %s\n", "PID", "PARENT", "STATE", "HART", "THREADS",
           "HANDLES", "PAGES", "TIME ms", "NAME");
    for (int pid = 0; sys_process_info(pid, &info) > 0; pid = info.pid + 1)
        printf("%5d %5d %-8s %4u %7u %7u %7lu %9lu  %s\n", info.pid, info.parent,
               info.state < 4 ? states[info.state] : "?", info.hart, info.threads, info.handles,
               (unsigned long)info.pages, (unsigned long)(info.nanoseconds / 1000000), info.name);
    return 0;
}
