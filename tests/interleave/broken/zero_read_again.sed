# mm/pmm.h exit_and_exit: whether the count became 0 is asked after it was changed
s/if (before <= 1)/if ((before = frame_count(frame) + 1) <= 1)/
