/* Times in the kernel's unit. */
#pragma once

#include <stdint.h>
#include <time.h>

/* needs:   a valid time
 * returns: nanoseconds, or as many as fit */
uint64_t byre_nanoseconds(const struct timespec *time);
