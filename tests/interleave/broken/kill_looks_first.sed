# proc/end.c pause_and_kill: a kill looks at the state before it marks the thread
/^static void end_thread_locked/,/^}/{
/^    thread_add_pending/d
s/^    if (thread_win_wakeup(thread))/    bool won = thread_win_wakeup(thread);\
    thread_add_pending(thread, PENDING_END);\
    if (won)/
}
