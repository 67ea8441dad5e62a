# the receiver's entry of a shared page is read-only
s/^    pte_store(to, pte_make(frame, sharing->to_flags));$/    pte_store(to, pte_writable(entry) ? entry : pte_make(frame, sharing->to_flags));/
