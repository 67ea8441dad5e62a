/* The first instructions of a program. a0 = argument block, a1 = its bytes (lib/abi.h); sp is the
 * block's start. */
    .section .text.start, "ax"
    .globl _start
_start:
    li fp, 0
    j byre_start
