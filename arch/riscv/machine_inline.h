/* What the machine gives mm/ in line: the direct map, and counting. The contracts are in mm/pt.h.
 *
 * Counting is in assembly: compilers of today put an extension after each atomic addition, and
 * fences around the ordered one, which the instruction itself makes needless (A extension, 10.4).
 */
#pragma once

#include "arch/riscv/csr.h"
#include "arch/riscv/context.h"

static inline void *frame_address(paddr_t address) { return (void *)(address + KERNEL_OFFSET); }

static inline size_t hart_index(void) {
    size_t index;
    __asm__("ld %0, %1(tp)" : "=r"(index) : "i"(CONTEXT_HART_INDEX));
    return index;
}

static inline void yield_point(const char *where) { (void)where; }
static inline void yield_until_zero(const _Atomic uint32_t *word) { (void)word; }

/* Assembly without "volatile" or "memory": a loop may keep the value in a register. */
static inline uintptr_t read_constant(const uintptr_t *place) {
    uintptr_t value;
    __asm__("ld %0, 0(%1)" : "=r"(value) : "r"(place));
    return value;
}

static inline int64_t count_add(int32_t *count, int64_t change) {
    int64_t before;
    __asm__ volatile("amoadd.w %0, %2, %1" : "=&r"(before), "+A"(*count) : "r"(change));
    return before;
}

static inline int64_t count_add_ordered(int32_t *count, int64_t change) {
    int64_t before;
    __asm__ volatile("amoadd.w.aqrl %0, %2, %1"
                     : "=&r"(before), "+A"(*count)
                     : "r"(change)
                     : "memory");
    return before;
}
