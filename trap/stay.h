/* How long the kernel keeps a hart from its programs and its interrupts: the longest stay between
 * entry and exit, and what it was for. Measured in debug builds; in release builds all is 0. */
#pragma once

#include "lib/types.h"

struct stay {
    uint64_t ticks;
    uint64_t call; /* a system call's number, or STAY_FAULT + cause, or STAY_INTERRUPT */
};

/* The longest stay on the hart since this was last asked. */
struct stay stay_take_longest(uint32_t hart);

#ifdef BYRE_DEBUG
/* This hart has come into the kernel for `call`, or leaves it: for a program, or to idle. */
void stay_begin(uint64_t call);
void stay_end(void);
#else
static inline void stay_begin(uint64_t call) { (void)call; }
static inline void stay_end(void) {}
#endif
