# an entry has A and D set
s/^    pte_t flags = pte_flags(region->rights);/    pte_t flags = pte_flags(region->rights) \& ~PTE_DIRTY;/
