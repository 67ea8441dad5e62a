# proc/process.c pause_and_kill: a kill looks at the state before it marks the thread
/^static void end_thread_locked/,/^}/{
/^    thread_attend/d
s/^    if (thread_claim(thread))/    bool claimed = thread_claim(thread);\
    thread_attend(thread, ATTENTION_END);\
    if (claimed)/
}
