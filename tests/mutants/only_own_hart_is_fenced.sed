# every hart that runs the space is fenced, whoever calls
s/^    pt_fence(&as->pt, va, 1);$/    if (as->pt.harts >> hart_index() \& 1)\n        pt_fence(\&as->pt, va, 1);/
