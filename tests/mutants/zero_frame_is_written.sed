# the zero frame is never writable
s/^    if (frame_count(frame) > 1)$/    if (frame_count(frame) > 1 \&\& frame != zero_frame)/
