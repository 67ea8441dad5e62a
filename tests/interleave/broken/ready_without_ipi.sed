# proc/sched.c wake_and_spin: a hart that idles is not told of the thread it is given
/^void sched_ready/,/^}/s/hart_send_ipi(idle->index)/(void)idle/
