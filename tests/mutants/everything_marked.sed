# only pages of regions that may be written are marked COW
s/_flags = pte_cow_flags(\([^)]*\))/& | PTE_COW/
