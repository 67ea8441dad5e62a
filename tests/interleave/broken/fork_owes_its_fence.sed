# mm/fork.c fault_and_fork: the fence of a fork is put off, and never done
/^    pt_fence_flush(/d
