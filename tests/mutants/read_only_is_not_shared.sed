# pages of read-only regions are shared
s/^    if (!pte_present(entry))$/    if (!pte_present(entry) || (!pte_writable(entry) \&\& !pte_cow(entry)))/
