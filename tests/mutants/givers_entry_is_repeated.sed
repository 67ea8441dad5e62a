# the receiver's entry has the rights of its own region
s/^    pte_store(to, pte_make(frame, sharing->to_flags));$/    pte_store(to, pte_load(from));/
