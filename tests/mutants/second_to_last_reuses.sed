s/frame_count(frame) > 1/frame_count(frame) > 2/
