# proc/tree.c fork_and_kill_tree: a process that is to end still forks
s/int error = parent && parent->ending$/int error = false/
