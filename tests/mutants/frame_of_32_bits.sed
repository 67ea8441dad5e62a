# a frame may lie above 4 GiB
s/^    paddr_t frame = pte_frame(entry);/    paddr_t frame = (uint32_t)pte_frame(entry);/
