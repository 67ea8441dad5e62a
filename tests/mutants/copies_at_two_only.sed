# a page that somebody else maps is copied
s/^    if (frame_count(frame) > 1)$/    if (frame_count(frame) == 2 || frame == zero_frame)/
