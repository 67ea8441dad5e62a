# the giver's entry is marked COW
s/from_flags = pte_cow_flags(giver->rights)/from_flags = pte_flags(giver->rights \& ~(uint32_t)MAP_WRITE)/
