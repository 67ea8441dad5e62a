# it is the giver who is fenced
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&to->pt, to_va, npages)/
