/* What the machine gives mm/ in line: the direct map, and counting.
 *
 * Counting is in assembly since compilers of today put an extension after each atomic addition, and
 * fences around the ordered one, which the instruction itself makes needless (A extension, 10.4).
 */
#pragma once

#include "arch/riscv/csr.h"
#include "arch/riscv/context.h"

/* Where the kernel reaches physical memory. => any byte of RAM or of a mapped device */
static inline void *frame_address(paddr_t address) { return (void *)(address + KERNEL_OFFSET); }

/* Which hart this is: 0, 1, ... It cannot change while the kernel runs. */
static inline size_t hart_index(void) {
    size_t index;
    __asm__("ld %0, %1(tp)" : "=r"(index) : "i"(CONTEXT_HART_INDEX));
    return index;
}

/* Where tests on the build machine let another hart go on, and where a hart waits until a word is 0
 * (tests/interleave/explore.h). On the machine itself there is nothing to do. */
static inline void yield_point(const char *where) { (void)where; }
static inline void yield_until_zero(const _Atomic uint32_t *word) { (void)word; }

/* What lies at `place`, which never changes any more: a loop may keep it in a register. */
static inline uintptr_t read_constant(const uintptr_t *place) {
    uintptr_t value;
    __asm__("ld %0, 0(%1)" : "=r"(value) : "r"(place));
    return value;
}

/* Add to a count. => what it was before. Nothing else is ordered by it. */
static inline int64_t count_add(int32_t *count, int64_t change) {
    int64_t before;
    __asm__ volatile("amoadd.w %0, %2, %1" : "=&r"(before), "+A"(*count) : "r"(change));
    return before;
}

/* The same; all that this hart has read and written is done before it, and all that it reads and
 * writes afterwards comes after it. */
static inline int64_t count_add_ordered(int32_t *count, int64_t change) {
    int64_t before;
    __asm__ volatile("amoadd.w.aqrl %0, %2, %1"
                     : "=&r"(before), "+A"(*count)
                     : "r"(change)
                     : "memory");
    return before;
}
