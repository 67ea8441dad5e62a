# quality: the zero frame is not copied
s/return frame == zero_frame ? /return false ? /
