s/to_flags = pte_cow_flags(receiver/to_flags = pte_cow_flags(giver/
