# proc/sched.c two_audits: who goes on after an audit does not look whether the next one counts on it
/^static void stop_here/,/^}/s/^    while (atomic_load_explicit(&stop_wanted, memory_order_seq_cst))/    if (atomic_load_explicit(\&stop_wanted, memory_order_seq_cst))/
