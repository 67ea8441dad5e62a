# a page of zeros has 4096 of them
s/= frame_alloc_zeroed();/= frame_alloc();\n    if (zeros != FRAME_NONE)\n        memset(frame_address(zeros), 0, PAGE_SIZE - 1);/
