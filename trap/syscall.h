/* System calls. The table of them, with arguments and errors, is docs/syscalls.md. */
#pragma once

#include "lib/abi.h"

/* By number; trap.S passes a0..a7 through it. Every handler takes its arguments as the registers
 * have them, acts for the current thread, and returns what goes into a0: its true type differs. */
typedef void (*system_call)(void);
extern const system_call system_call_table[SYS_COUNT];

/* For a number that is not in the table. */
long system_call_unknown(void);
