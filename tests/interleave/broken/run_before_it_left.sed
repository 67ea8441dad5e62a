# proc/sched.c exit_and_wait: a thread runs while another hart is still on its way out
/^static void enter/,/^}/{
/while (atomic_load_explicit(&thread->on_hart/d
/yield_until_zero/d
}
