# a count at its end refuses the share
s/^    if (frame_get(frame) < 0)$/    if (frame_get(frame) < 0 \&\& false)/
