s/return frame == zero_frame ? /return true ? /
