s/^    pte_store(entry, 0);$/    pte_store(entry, value);/
