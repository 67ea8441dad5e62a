# a count holds more than 16 bits
s/^    if (frame_count(frame) > 1)$/    if ((uint16_t)frame_count(frame) > 1)/
