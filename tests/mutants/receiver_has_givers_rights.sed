# the receiver's entry has the rights of its own region
s/to_flags = pte_cow_flags(receiver/to_flags = pte_cow_flags(giver/
