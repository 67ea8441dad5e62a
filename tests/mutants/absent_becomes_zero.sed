# an absent page stays absent on both sides
/^    if (!pte_present(entry))$/{n
s/.*/        return frame_get(zero_frame) < 0 ? -ENOMEM : (pte_store(to, pte_make(zero_frame, sharing->to_flags)), 0);/
}
