# A call that is a cancellation point, after musl's src/thread/riscv64/syscall_cp.s:
#   __syscall_cp_asm(&self->cancel, number, six arguments)
# A thread that was cancelled before it asks does not ask.
.global __cp_begin
.hidden __cp_begin
.global __cp_end
.hidden __cp_end
.global __cp_cancel
.hidden __cp_cancel
.hidden __cancel
.global __syscall_cp_asm
.hidden __syscall_cp_asm
.type __syscall_cp_asm, %function
__syscall_cp_asm:
__cp_begin:
	lw t0, 0(a0)
	bnez t0, __cp_cancel
	mv a0, a1
	mv a1, a2
	mv a2, a3
	mv a3, a4
	mv a4, a5
	mv a5, a6
	mv a6, a7
	tail byre_call
__cp_end:
	ret
__cp_cancel:
	tail __cancel
