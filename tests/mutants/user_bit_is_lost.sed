# user mode may use a page that was resolved
s/^    pte_t flags = pte_flags(region->rights);/    pte_t flags = pte_flags(region->rights) \& ~PTE_USER;/
