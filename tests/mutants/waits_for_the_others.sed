# resolve ends
s/^    if (frame_count(frame) > 1)$/    while (frame_count(frame) > 1 \&\& frame != zero_frame)\n        ;\n&/
