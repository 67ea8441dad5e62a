# the old bytes are copied into the new frame
s/memcpy(frame_address(copy), frame_address(pte_frame(pte_load(entry))), PAGE_SIZE)/memcpy(frame_address(pte_frame(pte_load(entry))), frame_address(copy), PAGE_SIZE)/
