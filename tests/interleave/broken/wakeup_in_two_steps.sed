# proc/thread.h wake_and_kill: a wait is ended by a look at the state and then a store
/^static inline bool thread_win_wakeup/,/^}/{
s/^    return atomic_compare.*$/    if (atomic_load_explicit(\&thread->state, memory_order_acquire) != waiting)\
        return false;\
    yield_point("wins");\
    atomic_store_explicit(\&thread->state, THREAD_READY, memory_order_release);\
    return true;/
/^      .*memory_order/d
}
