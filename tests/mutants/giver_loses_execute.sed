# the giver loses the right to write, and no other
s/from_flags = pte_cow_flags(giver->rights)/from_flags = pte_cow_flags(giver->rights \& ~(uint32_t)MAP_EXEC)/
