# proc/wait.c exit_and_wait: a parent waits after it unlocked the tree under which it looked
/^static long wait_look/,/^}/{
s/^        list_push_back(/        lock_release(\&tree_lock);\
        lock_acquire(\&tree_lock);\
&/
}
