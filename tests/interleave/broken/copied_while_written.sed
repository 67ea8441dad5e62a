# mm/cow.c stores_and_fork: pages are copied at fork, while other harts may write them
/^static int share_page/,/^}/{
s/^    paddr_t frame = pte_frame(entry);/    paddr_t frame = frame_alloc();/
s/^    if (frame_get(frame) < 0)/    if (frame == FRAME_NONE)/
s/^    if (pte_writable(entry)) {/    memcpy(frame_address(frame), frame_address(pte_frame(entry)), PAGE_SIZE);\
    if (false) {/
}
