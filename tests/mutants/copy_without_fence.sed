s/^    pt_fence(&as->pt, va, 1);$//
