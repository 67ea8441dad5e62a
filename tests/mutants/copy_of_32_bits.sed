# a frame may lie above 4 GiB
s/^    paddr_t copy = frame_alloc();/    paddr_t copy = (uint32_t)frame_alloc();/
