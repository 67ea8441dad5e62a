# a copied page has all 4096 bytes of the old one
s/memcpy(frame_address(copy), frame_address(pte_frame(pte_load(entry))), PAGE_SIZE)/memcpy((char *)frame_address(copy) + 8, (char *)frame_address(pte_frame(pte_load(entry))) + 8, PAGE_SIZE - 8)/
