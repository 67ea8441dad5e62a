/* The clock and the one-shot timer of each hart. */
#pragma once

#include "arch/riscv/csr.h"
#include "lib/types.h"

#define TIMER_NEVER UINT64_MAX

/* => hz: ticks a second, not 0; has_sstc: every hart has stimecmp (Sstc extension), so that
 *    setting the timer needs no call to the firmware */
void timer_init(uint32_t hz, bool has_sstc);

/* Ticks since some moment before boot, the same on all harts. */
static inline uint64_t timer_now(void) { return csr_read(time); }

/* Interrupt this hart at `deadline` (ticks; TIMER_NEVER: not at all). Ends a pending interrupt. */
void timer_set(uint64_t deadline);

uint64_t timer_nanoseconds(uint64_t ticks);

/* Rounded up, and TIMER_NEVER at the most. */
uint64_t timer_ticks(uint64_t nanoseconds);

/* The tick so many nanoseconds from now. */
uint64_t timer_after(uint64_t nanoseconds);
