s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&to->pt, to_va, npages)/
