# a copy takes one frame
s/^    paddr_t copy = frame_alloc();/    (void)frame_alloc();\n&/
