# a count holds more than 8 bits
s/^    if (frame_count(frame) > 1)$/    if ((uint8_t)frame_count(frame) > 1)/
