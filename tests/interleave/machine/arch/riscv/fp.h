/* A machine on which no program uses floating point. */
#pragma once

#include "lib/types.h"

struct fp_state {
    uint64_t f[1];
};

#define SSTATUS_FS ((uint64_t)3 << 13)
#define SSTATUS_FS_CLEAN ((uint64_t)2 << 13)

static inline void fp_save(struct fp_state *state) { (void)state; }
static inline void fp_load(const struct fp_state *state) { (void)state; }
static inline uint64_t fp_unit(void) { return 0; }
static inline void fp_set_unit(uint64_t fs) { (void)fs; }
