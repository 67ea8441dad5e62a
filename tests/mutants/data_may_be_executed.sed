# resolve gives no right that the region has not
s/^    pte_t flags = pte_flags(region->rights);/    pte_t flags = pte_flags(region->rights | MAP_EXEC);/
