# an absent page stays absent on both sides
s/^    if (!pte_present(entry))$/    if (entry == 0 \&\& false)/
