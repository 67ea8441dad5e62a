# mm/cow.c two_faults_on_zeros: a page of zeros is shown before the fence
s/^    replace_frame(as, va, entry, pte_make(zeros, flags));/    pte_store(entry, pte_make(zeros, flags));\
    pt_fence(\&as->pt, va, 1);\
    frame_put(zero_frame);/
