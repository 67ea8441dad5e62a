# proc/sched.c spin_and_kill: a thread that is killed on another hart is not told
/^void sched_interrupt/,/^}/s/hart_send_ipi(hart->index)/(void)hart/
