/* Time: one clock, which starts with the machine; its calendar is not known, so the day of the
 * start is the first of 1970. Beside it, the time that a process ran. */
#include "user/libc/time.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>

#include "byre/syscall.h"
#include "user/libc/calls.h"

#define NANOSECONDS 1000000000
#define TICKS 100 /* a second, of times() */

static struct timespec timespec_of(uint64_t nanoseconds) {
    return (struct timespec){(time_t)(nanoseconds / NANOSECONDS),
                             (long)(nanoseconds % NANOSECONDS)};
}

/* Time of this process on a hart. */
static uint64_t time_used(void) {
    struct process_info info;
    return sys_process_info((int)sys_getpid(), &info) < 0 ? 0 : info.nanoseconds;
}

static bool clock_counts(long clock) {
    return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME ||
           clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
           clock == CLOCK_REALTIME_COARSE;
}

long byre_clock_gettime(long clock, long now) {
    if (!clock_counts(clock) && clock != CLOCK_PROCESS_CPUTIME_ID)
        return -EINVAL;
    *(struct timespec *)now =
        timespec_of(clock == CLOCK_PROCESS_CPUTIME_ID ? time_used() : (uint64_t)sys_clock());
    return 0;
}

/* No machine counts slower than this. */
long byre_clock_getres(long clock, long resolution) {
    if (!clock_counts(clock) && clock != CLOCK_PROCESS_CPUTIME_ID)
        return -EINVAL;
    if (resolution)
        *(struct timespec *)resolution = (struct timespec){0, 1000};
    return 0;
}

long byre_clock_settime(long clock, long now) {
    (void)now;
    return clock == CLOCK_REALTIME ? -EPERM : -EINVAL;
}

/* Time in the kernel is not told apart, and that of children not added up. */
long byre_times(long used) {
    if (used)
        *(struct tms *)used =
            (struct tms){.tms_utime = (clock_t)(time_used() / (NANOSECONDS / TICKS))};
    return (long)((uint64_t)sys_clock() / (NANOSECONDS / TICKS));
}

long byre_getrusage(long who, long used) {
    uint64_t nanoseconds = who == RUSAGE_SELF ? time_used() : 0;
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN)
        return -EINVAL;
    *(struct rusage *)used =
        (struct rusage){.ru_utime = {(time_t)(nanoseconds / NANOSECONDS),
                                     (suseconds_t)(nanoseconds % NANOSECONDS / 1000)}};
    return 0;
}

static bool timespec_valid(const struct timespec *time) {
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NANOSECONDS;
}

uint64_t byre_nanoseconds(const struct timespec *time) {
    uint64_t nanoseconds;
    if (__builtin_mul_overflow((uint64_t)time->tv_sec, NANOSECONDS, &nanoseconds) ||
        __builtin_add_overflow(nanoseconds, (uint64_t)time->tv_nsec, &nanoseconds))
        return UINT64_MAX;
    return nanoseconds;
}

/* A sleep is never cut short, so nothing is left of it. */
long byre_clock_nanosleep(long clock, long flags, long request, long left) {
    const struct timespec *time = (const struct timespec *)request;
    if (!clock_counts(clock) || !timespec_valid(time))
        return -EINVAL;
    uint64_t nanoseconds = byre_nanoseconds(time), now = (uint64_t)sys_clock();
    if (flags & TIMER_ABSTIME)
        nanoseconds = nanoseconds > now ? nanoseconds - now : 0;
    long error = sys_sleep(nanoseconds);
    if (left && !(flags & TIMER_ABSTIME))
        *(struct timespec *)left = (struct timespec){0, 0};
    return error;
}

long byre_nanosleep(long request, long left) {
    return byre_clock_nanosleep(CLOCK_REALTIME, 0, request, left);
}
