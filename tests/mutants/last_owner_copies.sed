# quality: the last owner copies nothing
s/frame_count(frame) > 1/frame_count(frame) > 0/
