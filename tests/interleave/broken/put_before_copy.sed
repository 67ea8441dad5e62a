# mm/cow.c fault_and_exit: the old frame is put before its bytes are read
/^    frame_put(old);$/d
s/^    memcpy(frame_address(copy)/    frame_put(pte_frame(pte_load(entry)));\n&/
