# each entry has one reference
s/^    if (frame_get(frame) < 0)$/    if (pte_writable(entry) \&\& frame_get(frame) < 0)/
