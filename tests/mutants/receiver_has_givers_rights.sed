s/to_flags = pte_cow_flags(to_region/to_flags = pte_cow_flags(from_region/
