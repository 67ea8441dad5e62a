/* How musl asks the system for something: on Byre by a function, not by an instruction.
 *
 * musl is written against Linux's call numbers. A number that the compiler knows becomes a call of
 * the one function that serves it (user/libc/calls.h), so a program holds only what it uses; any
 * other goes through the table. Both return what Linux does: a result, or a negative errno. */
#include "user/libc/calls.h"

#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

static inline long __syscall6(long n, long a, long b, long c, long d, long e, long f) {
    return __builtin_constant_p(n) ? byre_call_known(n, a, b, c, d, e, f)
                                   : byre_call(n, a, b, c, d, e, f);
}

static inline long __syscall0(long n) { return __syscall6(n, 0, 0, 0, 0, 0, 0); }
static inline long __syscall1(long n, long a) { return __syscall6(n, a, 0, 0, 0, 0, 0); }
static inline long __syscall2(long n, long a, long b) { return __syscall6(n, a, b, 0, 0, 0, 0); }

static inline long __syscall3(long n, long a, long b, long c) {
    return __syscall6(n, a, b, c, 0, 0, 0);
}

static inline long __syscall4(long n, long a, long b, long c, long d) {
    return __syscall6(n, a, b, c, d, 0, 0);
}

static inline long __syscall5(long n, long a, long b, long c, long d, long e) {
    return __syscall6(n, a, b, c, d, e, 0);
}

#define IPC_64 0
