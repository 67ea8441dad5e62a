# a reference is taken before its entry is stored
/^    if (frame_get(frame) < 0)$/,/^        return -ENOMEM;$/d
s/^    pte_store(to, pte_make(frame, sharing->to_flags));$/&\n    if (frame_get(frame) < 0)\n        return -ENOMEM;/
