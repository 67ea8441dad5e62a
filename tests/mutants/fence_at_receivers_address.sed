# the fence is of the giver's addresses
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, to_va, npages)/
