# resolve gives all rights of the region
s/^    pte_t flags = pte_flags(region->rights);/    pte_t flags = pte_flags(MAP_READ | MAP_WRITE);/
