# mm/pmm.h exit_and_exit: whether the count became 0 is asked after it was changed
s/if (__builtin_expect(before <= last, 0))/if ((before = frame_count(frame) + 1) <= last)/
