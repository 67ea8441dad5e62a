# the fence is for the giver, who lost a right
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&to->pt, to_va, npages)/
