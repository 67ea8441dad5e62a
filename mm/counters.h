/* What the memory system has done since boot, for tests and for `free`. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct vm_counters {
    _Atomic uint64_t faults;     /* page faults from user mode; the dispatcher counts them */
    _Atomic uint64_t zero_maps;  /* the zero frame mapped for a read */
    _Atomic uint64_t zero_fills; /* a zeroed frame for a write */
    _Atomic uint64_t copies;
    _Atomic uint64_t reuses;
    _Atomic uint64_t spurious;
    _Atomic uint64_t refused;
};

extern struct vm_counters vm_counters;

/* Relaxed: a count is read by people and tests, never to decide anything. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}
