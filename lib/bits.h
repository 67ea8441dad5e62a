/* Single bits of 64-bit words. */
#pragma once

#include "lib/types.h"

/* The number of the lowest bit that is set. needs: value not 0
 * The compiler's own would call a library that the kernel does not have. Multiplying the lowest bit
 * with this number (a de Bruijn sequence) puts another six bits on top for each of the 64. */
static inline int lowest_bit(uint64_t value) {
    static const uint8_t position[64] = {
        0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28, 62, 5,  39, 46, 44, 42,
        22, 9,  24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
        23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
    };
    return position[(value & -value) * UINT64_C(0x022fdd63cc95386d) >> 58];
}
