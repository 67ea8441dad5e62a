# the giver's stores are published before the receiver's entry
/^    pte_publish(); \/\* the giver/d
