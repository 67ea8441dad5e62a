# proc/process.c exit_and_wait: a parent waits after it let go of the lock under which it looked
/^long process_wait/,/^}/{
s/^            list_push_back(/            lock_release(\&tree_lock);\
            lock_acquire(\&tree_lock);\
&/
}
