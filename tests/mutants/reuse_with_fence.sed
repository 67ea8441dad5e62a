# quality: to reuse a page takes no fence
s/^    pte_store(entry, pte_make(frame, flags));$/&\n    pt_fence(\&as->pt, va, 1);/
