# proc/sched.c spin_and_kill: a thread that is killed on another hart is not told
/^void sched_hurry/,/^}/s/hart_poke(hart->index)/(void)hart/
