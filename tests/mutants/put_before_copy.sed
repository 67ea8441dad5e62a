# the old frame is put after its bytes were read
/^    frame_put(old);$/d
s/^    memcpy(frame_address(copy)/    frame_put(pte_frame(pte_load(entry)));\n&/
