/* The clock and the timer: Sstc where it is, else a call to the firmware. */
#include "drivers/timer.h"

#include "arch/riscv/sbi.h"
#include "lib/assert.h"

#define NANOSECONDS UINT64_C(1000000000) /* a second */

static uint64_t frequency;
static bool sstc;

void timer_init(uint32_t hz, bool has_sstc) {
    assert(hz > 0);
    frequency = hz;
    sstc = has_sstc;
    timer_set(TIMER_NEVER);
}

void timer_set(uint64_t deadline) {
    if (sstc)
        /* stimecmp, by number: older assemblers do not know the name */
        __asm__ volatile("csrw 0x14d, %0" ::"r"(deadline) : "memory");
    else
        sbi_set_timer(deadline);
}

uint64_t timer_nanoseconds(uint64_t ticks) {
    return ticks / frequency * NANOSECONDS + ticks % frequency * NANOSECONDS / frequency;
}

uint64_t timer_ticks(uint64_t nanoseconds) {
    uint64_t seconds = nanoseconds / NANOSECONDS, rest = nanoseconds % NANOSECONDS, whole;
    if (__builtin_mul_overflow(seconds, frequency, &whole))
        return TIMER_NEVER;
    uint64_t part = (rest * frequency + NANOSECONDS - 1) / NANOSECONDS;
    return whole > TIMER_NEVER - part ? TIMER_NEVER : whole + part;
}

uint64_t timer_after(uint64_t nanoseconds) {
    uint64_t ticks = timer_ticks(nanoseconds), now = timer_now();
    return ticks > TIMER_NEVER - now ? TIMER_NEVER : now + ticks;
}
