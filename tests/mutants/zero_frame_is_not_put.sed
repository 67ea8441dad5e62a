# the reference to the zero frame is put
/^    frame_put(old);$/s/frame_put(old)/old == zero_frame ? (void)0 : frame_put(old)/
