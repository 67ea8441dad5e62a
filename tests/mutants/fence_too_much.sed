# quality: one fence for a copy
s/^    pte_t \*entry = pt_find(&as->pt, va), value/    pt_fence(\&as->pt, va, 1);\n&/
