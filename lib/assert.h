/* Assertions. They state what a caller holds and what the code relies on, are always on, and
 * a failed one is a bug of the kernel: never bad input, never a lack of memory. */
#pragma once

#include "lib/types.h"

/* Prints the message, who runs, and a backtrace, and stops the machine with an exit status that
 * is not 0. The machine supplies it (arch/riscv/panic.c; the host suite aborts).
 */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define assert(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition);                  \
    } while (0)

/* In debug builds only: for what would cost too much where instructions are counted. */
#ifdef BYRE_DEBUG
#define debug_assert(condition) assert(condition)
#else
#define debug_assert(condition) ((void)0)
#endif
