# the mark is a bit that the hardware ignores
s/to_flags = pte_cow_flags(receiver->rights)/& | PTE_GLOBAL/
