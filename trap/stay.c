/* The longest stay in the kernel, a hart each. */
#include "trap/stay.h"

#include "drivers/timer.h"
#include "machine_inline.h"

static struct stay longest[HARTS_MAX];

struct stay stay_take_longest(uint32_t hart) {
    struct stay stay = longest[hart];
    longest[hart] = (struct stay){0}; /* what its own hart notes at this moment may be lost */
    return stay;
}

#ifdef BYRE_DEBUG

static struct stay present[HARTS_MAX]; /* ticks: when it began */

void stay_begin(uint64_t call) { present[hart_index()] = (struct stay){timer_now(), call}; }

void stay_end(void) {
    const struct stay *stay = &present[hart_index()];
    uint64_t ticks = timer_now() - stay->ticks;
    if (ticks > longest[hart_index()].ticks)
        longest[hart_index()] = (struct stay){ticks, stay->call};
}

#endif
