/* Calls to the firmware (RISC-V Supervisor Binary Interface). */
#pragma once

#include "lib/types.h"

/* Write to the firmware's console: by the debug console extension where it is there, else byte by
 * byte. */
void sbi_console_write(const char *bytes, size_t nbytes);

/* Interrupt this hart at `deadline`, in ticks of the clock (SBI 6, timer extension). */
void sbi_set_timer(uint64_t deadline);

/* Start a hart at a physical address, its id in a0 and `argument` in a1 (SBI 9, HSM extension).
 * => 0; -errno: it stays as it is */
must_check int sbi_hart_start(uint32_t id, paddr_t entry, uint64_t argument);

/* A software interrupt for that hart (SBI 7, IPI extension). */
void sbi_send_interrupt(uint32_t id);

/* SFENCE.VMA on that hart for the range; done when it returns (SBI 8, RFENCE extension). */
void sbi_remote_fence(uint32_t id, vaddr_t start, uint64_t nbytes);
void sbi_remote_fence_text(uint32_t id); /* fence.i */

/* Power off. It cannot tell an exit status. */
_Noreturn void sbi_shutdown(void);
