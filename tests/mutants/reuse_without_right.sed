# resolve gives the right to write
s/^    pte_store(entry, pte_make(frame, flags));$/    pte_store(entry, value);/
