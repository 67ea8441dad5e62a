# the old entry is hidden before the fence
/^    pt_fence(&as->pt, va, 1);$/d
s/^    pte_store(entry, 0);$/    pt_fence(\&as->pt, va, 1);\n&/
