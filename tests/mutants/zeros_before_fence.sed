# a page of zeros is shown after the fence
s/^    replace_frame(as, va, entry, pte_make(zeros, flags));/    pte_store(entry, pte_make(zeros, flags));\n    pt_fence(\&as->pt, va, 1);\n    frame_put(zero_frame);/
