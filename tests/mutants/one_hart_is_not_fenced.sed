# a space that one hart runs is fenced too: it may not be the caller
s/^    pt_fence(&as->pt, va, 1);$/    if (as->pt.harts \& (as->pt.harts - 1))\n        pt_fence(\&as->pt, va, 1);/
