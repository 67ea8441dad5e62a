# bytes are copied before their entry is stored
/^static int resolve_by_copy/,/^}/{s/^    memcpy(.*$/    paddr_t source = pte_frame(value_before);/
s/^    replace_frame(.*$/    frame_get(source) < 0 ? (void)0 : replace_frame(as, va, entry, pte_make(copy, flags));\n    memcpy(frame_address(copy), frame_address(source), PAGE_SIZE);\n    frame_put(source);/
s/^    paddr_t copy = frame_alloc();/    pte_t value_before = pte_load(entry);\n&/
}
