# out of memory is an answer and no panic
s/^    if (copy == FRAME_NONE)$/    assert(copy != FRAME_NONE);\n&/
