/* The first instructions, in physical addresses, on whichever hart OpenSBI chose.
 *
 * a0 = hart id, a1 = physical address of the device tree (SBI, HSM and the boot protocol).
 * The early page table maps the low memory twice, as it is and in the high half; paging_init
 * replaces it. */
#include "arch/riscv/context.h"

#define OFFSET 0xffffffc000000000
#define LEAF_ALL_RIGHTS 0xef /* V R W X G A D: only until paging_init */

/* Translate by the early table, and go on in the high half. */
.macro go_high label
    la t0, early_root
    srli t0, t0, 12
    li t1, 8 << 60
    or t0, t0, t1
    csrw satp, t0
    sfence.vma
    la t0, \label
    li t1, OFFSET
    add t0, t0, t1
    jr t0
\label:
.endm

/* No interrupt yet; a trap from now on is the kernel's own. */
.macro set_trap_vector
    la t0, user_trap
    csrw stvec, t0
    csrw sie, zero
    csrw sscratch, zero
.endm

    .section .text.entry, "ax"
    .globl _start
_start:
    la t0, boot_taken
    amoswap.w.aqrl t0, t0, (t0) /* any number but 0 will do, and its address is one */
    bnez t0, start_again
    go_high high
    la t0, bss_start
    la t1, bss_end
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b
    set_trap_vector
    la tp, boot_context /* hart 0, as far as anybody asks, until there are threads */
    la sp, boot_stack_top /* the first of kernel_stacks */
    li fp, 0
    call kernel_main
    unimp

/* OpenSBI first sets a hart's state to "start" and then writes the address where. A hart that sees
 * the state between the two comes to _start, as the first one did, and from there to here. It finds
 * by its id what it should have been given. */
start_again:
    la t0, hart_starts
    la t1, hart_starts_end
1:  ld a1, HART_START_CONTEXT(t0)
    ld t2, HART_START_ID(t0)
    addi t0, t0, HART_START_SIZE
    beqz a1, 2f
    beq t2, a0, hart_entry
2:  bltu t0, t1, 1b
3:  wfi
    j 3b

/* A hart that another one started: a0 = hart id, a1 = the context that is to be its tp (SBI, HSM
 * extension). It comes as the first did, without translation. */
    .section .text.entry, "ax"
    .globl hart_entry
hart_entry:
    go_high hart_high
    set_trap_vector
    mv tp, a1
    ld sp, CONTEXT_KERNEL_STACK(tp)
    li fp, 0
    call hart_main
    unimp

/* A trap from the kernel itself is a bug. It gets a stack of its own, since the kernel's may be
 * what is broken. Registers go to panic_registers, x0 first. */
    .text
    .globl kernel_trap
kernel_trap:
    csrw sscratch, t0
    la t0, panic_taken
    amoswap.w.aq t0, t0, (t0) /* any number but 0 will do, and its address is one */
    bnez t0, kernel_trap_again
    la t0, panic_registers
    sd ra, 8(t0)
    sd sp, 16(t0)
    sd gp, 24(t0)
    sd tp, 32(t0)
    sd t1, 48(t0)
    sd t2, 56(t0)
    sd s0, 64(t0)
    sd s1, 72(t0)
    sd a0, 80(t0)
    sd a1, 88(t0)
    sd a2, 96(t0)
    sd a3, 104(t0)
    sd a4, 112(t0)
    sd a5, 120(t0)
    sd a6, 128(t0)
    sd a7, 136(t0)
    sd s2, 144(t0)
    sd s3, 152(t0)
    sd s4, 160(t0)
    sd s5, 168(t0)
    sd s6, 176(t0)
    sd s7, 184(t0)
    sd s8, 192(t0)
    sd s9, 200(t0)
    sd s10, 208(t0)
    sd s11, 216(t0)
    sd t3, 224(t0)
    sd t4, 232(t0)
    sd t5, 240(t0)
    sd t6, 248(t0)
    csrr t1, sscratch
    sd t1, 40(t0)
    la sp, panic_stack_top
    li fp, 0
    call panic_from_trap
    unimp

/* One more trap while the first is told. On the same hart: telling it went wrong. On another: what
 * it has to say would only be in the way. */
kernel_trap_again:
    la t0, panic_registers
    ld t0, 32(t0)
    bne t0, tp, 1f
    la sp, panic_stack_top
    li fp, 0
    call panic_from_trap_again
1:  wfi
    j 1b

    .bss
    .balign 8
panic_taken:
    .zero 8
boot_context:
    .zero 8 * 36
    .globl hart_starts
hart_starts:
    .zero HART_STARTS * HART_START_SIZE
hart_starts_end:

    .data
    .balign 4
boot_taken:
    .word 0
    .balign 4096
early_root:
    .zero 2 * 8
    .quad (0x80000000 >> 12) << 10 | LEAF_ALL_RIGHTS
    .zero (256 - 3) * 8
    .set gigabyte, 0
    .rept 256
    .quad (gigabyte << 30 >> 12) << 10 | LEAF_ALL_RIGHTS
    .set gigabyte, gigabyte + 1
    .endr
