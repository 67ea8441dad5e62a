/* Time: one clock, which starts with the machine; its calendar is not known, so the day of the
 * start is the first of 1970. Beside it, the time that a process ran. */
#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "user/libc/service.h"

#define NANOSECONDS 1000000000

static struct timespec timespec_of(uint64_t nanoseconds) {
    return (struct timespec){(time_t)(nanoseconds / NANOSECONDS),
                             (long)(nanoseconds % NANOSECONDS)};
}

/* Time of this process on a hart. */
static uint64_t time_used(void) {
    struct process_info info;
    return sys_process_info((int)sys_getpid(), &info) < 0 ? 0 : info.nanoseconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    switch (clock) {
    case CLOCK_MONOTONIC:
    case CLOCK_REALTIME:
        *now = timespec_of((uint64_t)sys_clock());
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
        *now = timespec_of(time_used());
        return 0;
    default:
        return (int)service_result(-EINVAL);
    }
}

/* No machine counts slower than this. */
int clock_getres(clockid_t clock, struct timespec *resolution) {
    struct timespec ignored;
    if (clock_gettime(clock, &ignored) < 0)
        return -1;
    if (resolution)
        *resolution = (struct timespec){0, 1000};
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *now) {
    (void)now;
    return (int)service_result(clock == CLOCK_REALTIME ? -EPERM : -EINVAL);
}

clock_t clock(void) { return (clock_t)(time_used() / (NANOSECONDS / CLOCKS_PER_SEC)); }

/* Time in the kernel is not told apart, and that of children not added up. */
clock_t times(struct tms *used) {
    uint64_t tick = NANOSECONDS / (uint64_t)sysconf(_SC_CLK_TCK);
    *used = (struct tms){.tms_utime = (clock_t)(time_used() / tick)};
    return (clock_t)((uint64_t)sys_clock() / tick);
}

int getrusage(int who, struct rusage *used) {
    uint64_t nanoseconds = who == RUSAGE_SELF ? time_used() : 0;
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN)
        return (int)service_result(-EINVAL);
    *used = (struct rusage){.ru_utime = {(time_t)(nanoseconds / NANOSECONDS),
                                         (suseconds_t)(nanoseconds % NANOSECONDS / 1000)}};
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    long nanoseconds = sys_clock();
    (void)zone;
    *now = (struct timeval){nanoseconds / NANOSECONDS, nanoseconds % NANOSECONDS / 1000};
    return 0;
}

static bool timespec_valid(const struct timespec *time) {
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NANOSECONDS;
}

/* As many as fit. */
static uint64_t nanoseconds_of(const struct timespec *time) {
    uint64_t nanoseconds;
    if (__builtin_mul_overflow((uint64_t)time->tv_sec, NANOSECONDS, &nanoseconds) ||
        __builtin_add_overflow(nanoseconds, (uint64_t)time->tv_nsec, &nanoseconds))
        return UINT64_MAX;
    return nanoseconds;
}

int nanosleep(const struct timespec *request, struct timespec *left) {
    if (!timespec_valid(request))
        return (int)service_result(-EINVAL);
    if (left)
        *left = (struct timespec){0, 0};
    return (int)service_result(sys_sleep(nanoseconds_of(request)));
}

unsigned sleep(unsigned seconds) {
    (void)sys_sleep((uint64_t)seconds * NANOSECONDS);
    return 0;
}

int usleep(useconds_t microseconds) {
    return (int)service_result(sys_sleep((uint64_t)microseconds * 1000));
}
