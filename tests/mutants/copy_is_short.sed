# a copied page has all 4096 bytes of the old one
s/frame_address(pte_frame(pte_load(entry))), PAGE_SIZE)/frame_address(pte_frame(pte_load(entry))), PAGE_SIZE - 8)/
