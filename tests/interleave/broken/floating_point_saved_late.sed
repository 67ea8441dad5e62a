# proc/exec.c exec_and_thread: the registers are forgotten while a hart has yet to save them
/^void exec_begin/,/^}/{
/^    fp_forget/d
s/^    struct process \*process = .*/&\n    fp_forget(thread);/
}
