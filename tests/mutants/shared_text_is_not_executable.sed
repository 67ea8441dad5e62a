# the receiver's entry has the rights of its own region
s/to_flags = pte_cow_flags(receiver->rights)/to_flags = pte_cow_flags(receiver->rights \& ~(uint32_t)MAP_EXEC)/
