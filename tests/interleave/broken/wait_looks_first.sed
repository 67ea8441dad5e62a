# proc/thread.h pause_and_kill: a wait looks for a kill before it is one
/^static inline bool thread_wait_begin/,/^}/{
/^    atomic_store_explicit/d
/^        atomic_fetch_or_explicit/a\
    yield_point("waits");\
    atomic_store_explicit(&thread->state, THREAD_WAITING, memory_order_relaxed);
}
