# the receiver may not write a shared page either
s/^    pte_store(to, pte_make(frame, sharing->to_flags));$/    pte_store(to, pte_writable(entry) ? entry : pte_make(frame, sharing->to_flags));/
