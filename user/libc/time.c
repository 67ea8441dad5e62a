/* Time: the monotonic clock is the only one; the machine's calendar is not known. */
#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "user/libc/service.h"

#define NANOSECONDS 1000000000

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return (int)service_result(-EINVAL);
    long nanoseconds = sys_clock();
    *now = (struct timespec){nanoseconds / NANOSECONDS, nanoseconds % NANOSECONDS};
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    long nanoseconds = sys_clock();
    (void)zone;
    *now = (struct timeval){nanoseconds / NANOSECONDS, nanoseconds % NANOSECONDS / 1000};
    return 0;
}

int nanosleep(const struct timespec *request, struct timespec *left) {
    if (request->tv_sec < 0 || request->tv_nsec < 0 || request->tv_nsec >= NANOSECONDS)
        return (int)service_result(-EINVAL);
    if (left)
        *left = (struct timespec){0, 0};
    uint64_t nanoseconds;
    if (__builtin_mul_overflow((uint64_t)request->tv_sec, NANOSECONDS, &nanoseconds) ||
        __builtin_add_overflow(nanoseconds, (uint64_t)request->tv_nsec, &nanoseconds))
        nanoseconds = UINT64_MAX;
    return (int)service_result(sys_sleep(nanoseconds));
}

unsigned sleep(unsigned seconds) {
    (void)sys_sleep((uint64_t)seconds * NANOSECONDS);
    return 0;
}

int usleep(useconds_t microseconds) {
    return (int)service_result(sys_sleep((uint64_t)microseconds * 1000));
}
