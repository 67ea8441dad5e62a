# Where a handler of Linux's would return to. Byre's library calls handlers as functions, so nothing
# comes here.
.global __restore
.hidden __restore
.type __restore, %function
.global __restore_rt
.hidden __restore_rt
.type __restore_rt, %function
__restore:
__restore_rt:
	ebreak
