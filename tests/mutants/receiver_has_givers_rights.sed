s/change = shared_bits(to_region) - flags/change = 0/
