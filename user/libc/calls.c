/* From a call number that is known only at run time to the function that serves it: cancellation
 * points and syscall() come this way. */
#include <sys/syscall.h>

#include "user/libc/calls.h"

long byre_call(long number, long a, long b, long c, long d, long e, long f) {
    return byre_call_known(number, a, b, c, d, e, f);
}
