s/^    frame_put(old);$//
