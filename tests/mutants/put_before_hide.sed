# a reference is put after its entry is gone
/^    frame_put(old);$/d
s/^    pte_store(entry, 0);$/    frame_put(old);\n&/
