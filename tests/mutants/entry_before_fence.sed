# a new frame is shown only after the fence
s/^    pte_store(entry, 0);$/    pte_store(entry, value);/
