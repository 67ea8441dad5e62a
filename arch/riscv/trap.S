/* The way from user mode into the kernel and back: docs/traps.md.
 *
 * tp: in the kernel, the current thread, which begins with its context. sscratch: that context
 * while in user mode, 0 in the kernel, so the vector can tell where it comes from. The kernel
 * never changes gp. */
#include "arch/riscv/context.h"
#include "lib/abi.h"

#define CAUSE_CALL_FROM_USER 8

.macro save number:vararg
    .irp n, \number
    sd x\n, CONTEXT_REGISTER(\n)(tp)
    .endr
.endm

.macro load number:vararg
    .irp n, \number
    ld x\n, CONTEXT_REGISTER(\n)(tp)
    .endr
.endm

.macro clear number:vararg
    .irp n, \number
    li x\n, 0
    .endr
.endm

    .text
    .globl user_trap
    .balign 4
user_trap:
    csrrw tp, sscratch, tp
    beqz tp, from_kernel
    save 6
    csrr t1, scause
    addi t1, t1, -CAUSE_CALL_FROM_USER
    bnez t1, other_trap

    /* A system call is a function call: a0..a7 go through as they are, t0 is its number, and
     * what a function keeps is saved for the case that another thread is resumed. */
    save 1, 2, 3, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    csrrw t1, sscratch, zero /* the user's tp; from here on a trap is the kernel's own */
    sd t1, CONTEXT_REGISTER(4)(tp)
    csrr t1, sepc
    addi t1, t1, 4
    sd t1, CONTEXT_PC(tp)
    ld sp, CONTEXT_KERNEL_STACK(tp)
    li t1, SYS_COUNT
    bgeu t0, t1, unknown_call
#ifdef BYRE_DEBUG
    save 5
    la t1, system_call_timed /* it finds the number there, and the handler by it */
#else
    la t1, system_call_table
    slli t0, t0, 3
    add t1, t1, t0
    ld t1, 0(t1)
#endif
    jalr t1
call_done:
    ld t1, CONTEXT_PENDING(tp)
    bnez t1, call_pending
    /* C kept s0..s11; what else it left in registers is not for the user to see. */
    ld t1, CONTEXT_PC(tp)
    csrw sepc, t1
    csrw sscratch, tp
    clear 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    load 1, 2, 4
    sret

unknown_call:
    call system_call_unknown
    j call_done

call_pending:
    call trap_leave /* (result) => the context to go on with */
    j user_resume

other_trap:
    save 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    csrrw t0, sscratch, zero
    sd t0, CONTEXT_REGISTER(4)(tp)
    csrr t0, sepc
    sd t0, CONTEXT_PC(tp)
    ld sp, CONTEXT_KERNEL_STACK(tp)
    csrr a0, scause
    csrr a1, stval
    call trap_handle /* (cause, value) => the context to go on with, and tp is it; 0: the same */
    bnez a0, user_resume
    /* Nobody else ran here meanwhile, nor this thread elsewhere: C kept s0..s11. */
    ld t0, CONTEXT_PC(tp)
    csrw sepc, t0
    csrw sscratch, tp
    load 1, 2, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31, 4
    sret

    .globl user_resume
user_resume:
    mv tp, a0
    ld t0, CONTEXT_PC(tp)
    csrw sepc, t0
    csrw sscratch, tp
    load 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 4
    sret

from_kernel:
    csrrw tp, sscratch, tp
    j kernel_trap
