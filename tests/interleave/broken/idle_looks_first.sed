# proc/sched.c wake_and_spin: a hart looks for work before it says that it idles
/^void sched_idle/,/^}/{
/atomic_fetch_or/d
s/^    if (!any_ready())/    bool none = !any_ready();\
    atomic_fetch_or_explicit(\&idle_harts, bit, memory_order_seq_cst);\
    if (none)/
}
