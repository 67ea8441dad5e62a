# the fence is of all pages that were shared
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, from_va, pt_span(from_va, end))/
