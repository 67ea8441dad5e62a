# the receiver's entry is marked COW where its region may be written
s/to_flags = pte_cow_flags(receiver->rights)/to_flags = pte_flags(receiver->rights \& ~(uint32_t)MAP_WRITE)/
