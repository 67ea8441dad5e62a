# a page of zeros has 4096 of them
s/= frame_alloc_zeroed();/= frame_alloc();/
