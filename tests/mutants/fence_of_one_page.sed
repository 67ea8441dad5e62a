# the fence is of all pages that were shared
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, from_va, 1)/
