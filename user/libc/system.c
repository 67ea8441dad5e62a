/* What a program can ask of the system as a whole. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "user/libc/calls.h"
#include "user/libc/service.h"

#define NANOSECONDS 1000000000

long byre_uname(long name) {
    *(struct utsname *)name = (struct utsname){.sysname = "Byre",
                                               .nodename = "byre",
                                               .release = "1",
                                               .version = "1",
                                               .machine = "riscv64"};
    return 0;
}

long byre_sysinfo(long to) {
    struct memory_info memory;
    long error = sys_memory_info(&memory);
    if (!error)
        *(struct sysinfo *)to =
            (struct sysinfo){.uptime = (unsigned long)(sys_clock() / NANOSECONDS),
                             .totalram = memory.frames_total,
                             .freeram = memory.frames_free,
                             .mem_unit = USER_PAGE_SIZE};
    return error;
}

/* Any thread may run on any hart that has come up. returns: bytes of the set */
long byre_sched_getaffinity(long thread, long nbytes, long set) {
    struct hart_info hart;
    unsigned long harts = 0;
    unsigned n = 0;
    (void)thread;
    if (nbytes < (long)sizeof harts)
        return -EINVAL;
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        if (hart.started)
            harts |= 1UL << n++;
    memcpy((void *)set, &harts, sizeof harts);
    return sizeof harts;
}

/* Limits are what they are: a new one that is not the old one is refused. */
long byre_prlimit(long pid, long resource, long new_limit, long old_limit) {
    const struct rlimit *wanted = (const struct rlimit *)new_limit;
    rlim_t limit = RLIM_INFINITY;
    if (resource < 0 || resource >= RLIM_NLIMITS)
        return -EINVAL;
    if (pid != 0 && pid != sys_getpid())
        return -ESRCH;
    if (resource == RLIMIT_NOFILE)
        limit = BYRE_OPEN_MAX;
    if (resource == RLIMIT_STACK)
        limit = USER_STACK_MAX;
    if (resource == RLIMIT_CORE)
        limit = 0;
    if (old_limit)
        *(struct rlimit *)old_limit = (struct rlimit){limit, limit};
    return wanted && (wanted->rlim_cur != limit || wanted->rlim_max != limit) ? -EPERM : 0;
}
