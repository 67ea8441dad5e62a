# the fence is for the addresses of the giver
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, to_va, npages)/
