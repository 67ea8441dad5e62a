# resolve gives the right to write
s/^    if (frame_count(frame) > 1)$/    if (frame_count(frame) > 1 \&\& frame != zero_frame)\n        return 0;\n&/
