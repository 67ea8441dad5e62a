# the reference to the old frame is put
s/^    frame_put(old);$//
