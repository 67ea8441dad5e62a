# proc/process.c fork_and_kill_tree: a process that is to end still forks
s/parent && parent->ending ? -EINTR : idmap_add/idmap_add/
