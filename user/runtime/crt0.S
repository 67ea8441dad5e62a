/* The first instructions of a program without a C library. a0 = argument block, a1 = its bytes
 * (lib/abi.h); sp is the block's start. */
    .section .text.start, "ax"
    .globl _start
_start:
    li fp, 0
    j runtime_start
