# a page that may be written is not marked COW
s/^    pte_t flags = pte_flags(region->rights);/    pte_t flags = pte_flags(region->rights) | PTE_COW;/
