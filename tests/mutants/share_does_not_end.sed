# share ends
s/^    for (size_t i = 0; i < n \&\& !error; i++)$/    for (size_t i = 0; i < n \&\& !error; i += pte_present(pte_load(\&from[i])))/
