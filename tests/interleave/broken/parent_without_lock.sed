# proc/process.c parent_and_exit: the parent is looked at without the lock
/^long process_parent_pid/,/^}/{
/lock_acquire/d
/lock_release/d
s/^    long pid = .*/    yield_point("parent");\n&/
}
