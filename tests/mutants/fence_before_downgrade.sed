# the fence is owed after the entries have changed
s/^        pt_fence_later(.*$/        (void)0;/
s/^    pte_publish(); \/\* the giver.*$/&\n    pt_fence(\&from->pt, from_va, npages);/
