# proc/thread.c pause_and_kill: a wait looks for a kill before it is one
/^static bool wait_begin/,/^}/{
/^    atomic_store_explicit/d
/^    uint64_t attention/{
N
s/$/\
    atomic_store_explicit(\&thread->state, THREAD_WAITING, memory_order_seq_cst);/
}
}
