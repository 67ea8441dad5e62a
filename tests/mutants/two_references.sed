# each entry has one reference
s/^    if (frame_get(frame) < 0)$/    if (frame_get(frame) < 0 || frame_get(frame) < 0)/
