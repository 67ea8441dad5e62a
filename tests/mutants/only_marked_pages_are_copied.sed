# whether a page may be written is asked of its region, not of the mark
s/^    if (frame_count(frame) > 1)$/    if (frame_count(frame) > 1 \&\& pte_cow(value))/
