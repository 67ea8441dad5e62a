/* What the fake machine gives mm/ in line. */
#pragma once

#include "lib/types.h"

void *frame_address(paddr_t address);

extern uint32_t machine_hart; /* that the code under test runs on */
static inline size_t hart_index(void) { return machine_hart; }

static inline uintptr_t read_constant(const uintptr_t *place) { return *place; }

#define in_register(number) ((int64_t)(number))

static inline int64_t count_add(int32_t *count, int64_t change) {
    return __atomic_fetch_add(count, (int32_t)change, __ATOMIC_RELAXED);
}

static inline int64_t count_add_ordered(int32_t *count, int64_t change) {
    return __atomic_fetch_add(count, (int32_t)change, __ATOMIC_ACQ_REL);
}
