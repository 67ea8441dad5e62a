/* The floating-point unit of a fake hart: one register, and whether it is on: kernel.c. */
#pragma once

#include "lib/types.h"

struct fp_state {
    uint64_t f[1];
};

#define SSTATUS_FS ((uint64_t)3 << 13)
#define SSTATUS_FS_CLEAN ((uint64_t)2 << 13)

void fp_save(struct fp_state *state);
void fp_load(const struct fp_state *state);
uint64_t fp_unit(void);
void fp_set_unit(uint64_t fs);
