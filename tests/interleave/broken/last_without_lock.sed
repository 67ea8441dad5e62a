# proc/end.c thread_exit_and_exit: which thread is the last one is asked without the lock
/^void process_end_thread/,/^}/{
s/^    bool last = --process->nthreads == 0;/    process->nthreads--;\
    lock_release(\&tree_lock);\
    lock_acquire(\&tree_lock);\
    bool last = process->nthreads == 0;/
}
