# the fence is of the page that was hidden
s/^    pt_fence(&as->pt, va, 1);$/    pt_fence(\&as->pt, va + PAGE_SIZE, 1);/
