# when resolve returns, no hart reads the old frame
s/^    pt_fence(&as->pt, va, 1);$//
