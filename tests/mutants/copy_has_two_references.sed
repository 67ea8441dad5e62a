# the frame of a copy has a count of 1
s/^    counter_add(&vm_counters.copies, 1);/    if (frame_get(copy) < 0)\n        return -ENOMEM;\n&/
