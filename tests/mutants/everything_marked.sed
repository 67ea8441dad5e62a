s/(region->rights & MAP_WRITE) ? PTE_COW : 0/PTE_COW/
