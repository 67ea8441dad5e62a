# no page beside the range is shared
s/^    vaddr_t end = from_va + npages \* PAGE_SIZE;/    vaddr_t end = from_va + (npages + 1) * PAGE_SIZE;/
