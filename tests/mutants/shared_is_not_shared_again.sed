# a page that is shared already is shared again
s/^    if (!pte_present(entry))$/    if (!pte_present(entry) || pte_cow(entry))/
