# the fence is for the page that is replaced
s/^    pt_fence(&as->pt, va, 1);$/    pt_fence(\&as->pt, va + PAGE_SIZE, 1);/
