# each entry has one reference
/^    if (frame_get(frame) < 0)$/,/^        return -ENOMEM;$/d
