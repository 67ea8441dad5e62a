# a count has 32 bits
s/^    if (frame_count(frame) > 1)$/    if ((int32_t)frame_count(frame) > 1)/
