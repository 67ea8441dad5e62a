# a page that is reused is not marked COW
s/^    pte_store(entry, pte_make(frame, flags));$/    pte_store(entry, value | PTE_WRITE);/
