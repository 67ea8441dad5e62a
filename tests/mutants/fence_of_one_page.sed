# the fence is for the whole range
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, from_va, 1)/
