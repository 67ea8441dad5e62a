# a copied page has every byte of the old one
s/frame_address(pte_frame(pte_load(entry))), PAGE_SIZE)/frame_address(pte_frame(pte_load(entry))), PAGE_SIZE - 8)/
