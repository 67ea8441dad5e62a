/* System calls. The table of them, with arguments and errors, is docs/syscalls.md. */
#pragma once

#include "lib/abi.h"

/* By number; trap.S passes a0..a7 through it. Every handler takes its arguments as the registers
 * have them, acts for the current thread, and returns what goes into a0: its true type differs. */
typedef void (*system_call)(void);
typedef long (*system_call_handler)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                    uint64_t, uint64_t);
extern const system_call system_call_table[SYS_COUNT];

#ifdef BYRE_DEBUG
/* A handler, with its arguments, and how long it takes (trap/stay.h). */
long system_call_timed(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                       uint64_t a6, uint64_t a7);
#endif

/* For a number that is not in the table. */
long system_call_unknown(void);
