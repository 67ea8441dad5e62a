# a page that somebody else maps is copied
s/frame_count(frame) > 1/frame_count(frame) > 2/
