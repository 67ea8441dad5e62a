/* What the fake machine gives mm/ in line. The contracts are in mm/pt.h. */
#pragma once

#include "lib/types.h"

void *machine_memory(paddr_t address);
static inline void *frame_address(paddr_t address) { return machine_memory(address); }

extern uint32_t machine_hart; /* that the code under test runs on */
static inline size_t hart_index(void) { return machine_hart; }

static inline uintptr_t read_constant(const uintptr_t *place) { return *place; }

/* Called where another hart may go on before this one does, and must when `waits_for` is not NULL:
 * until that word is 0. NULL: no other hart runs. */
extern void (*machine_at_yield)(const char *where, const _Atomic uint32_t *waits_for);

static inline void yield_point(const char *where) {
    if (machine_at_yield)
        machine_at_yield(where, NULL);
}

static inline void yield_until_zero(const _Atomic uint32_t *word) {
    if (machine_at_yield)
        machine_at_yield("held", word);
}

static inline int64_t count_add(int32_t *count, int64_t change) {
    yield_point("count");
    return __atomic_fetch_add(count, (int32_t)change, __ATOMIC_RELAXED);
}

static inline int64_t count_add_ordered(int32_t *count, int64_t change) {
    yield_point("count");
    int64_t before = __atomic_fetch_add(count, (int32_t)change, __ATOMIC_ACQ_REL);
    yield_point("counted");
    return before;
}
