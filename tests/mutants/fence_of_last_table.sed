# the fence is of all pages that were shared
s/pt_fence_later(&from->pt, from_va, npages)/pt_fence_later(\&from->pt, (end - 1) \& ~(PT_LEAF_TABLE_BYTES - 1), PT_ENTRIES)/
