# when memory is full, resolve changes nothing
/^static int resolve_by_copy/,/^}/{s/^    paddr_t copy = frame_alloc();/    pte_t before = pte_load(entry);\n    pte_store(entry, 0);\n    pt_fence(\&as->pt, va, 1);\n&/
s/pte_frame(pte_load(entry))/pte_frame(before)/
s/^    replace_frame(.*$/    pte_publish();\n    pte_store(entry, pte_make(copy, flags));\n    frame_put(pte_frame(before));/
}
