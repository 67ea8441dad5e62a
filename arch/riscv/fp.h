/* Floating-point state of user threads. The kernel itself uses none.
 *
 * The one idea: the registers belong to the last thread that used them on a hart (its owner). For
 * any other thread the unit is off (sstatus.FS, Privileged 3.1.6.6), so its first use traps, and
 * only then is anything loaded. They are saved only when the owner is switched away from and has
 * changed them. */
#pragma once

#include "arch/riscv/csr.h"
#include "lib/types.h"

struct fp_state {
    uint64_t f[32];
    uint64_t fcsr;
};

#define SSTATUS_FS ((uint64_t)3 << 13)
#define SSTATUS_FS_CLEAN ((uint64_t)2 << 13)

/* All registers to or from memory. => the unit is on */
void fp_save(struct fp_state *state);
void fp_load(const struct fp_state *state);

static inline uint64_t fp_unit(void) { return csr_read(sstatus) & SSTATUS_FS; }

static inline void fp_set_unit(uint64_t fs) {
    __asm__ volatile("csrc sstatus, %0" ::"r"(SSTATUS_FS) : "memory");
    __asm__ volatile("csrs sstatus, %0" ::"r"(fs) : "memory");
}
