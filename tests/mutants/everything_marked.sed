s/_flags = pte_cow_flags(\([^)]*\))/& | PTE_COW/
