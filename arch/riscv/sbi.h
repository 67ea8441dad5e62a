/* Calls to the firmware (RISC-V Supervisor Binary Interface). */
#pragma once

#include "lib/types.h"

/* Write to the firmware's console: by the debug console extension where it is there, else byte by
 * byte. */
void sbi_console_write(const char *bytes, size_t nbytes);

/* Interrupt this hart at `deadline`, in ticks of the clock (SBI 6, timer extension). */
void sbi_set_timer(uint64_t deadline);

/* Power off. It cannot tell an exit status. */
_Noreturn void sbi_shutdown(void);
