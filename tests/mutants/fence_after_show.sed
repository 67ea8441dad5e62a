# the new entry is shown after the fence
/^    pt_fence(&as->pt, va, 1);$/d
s/^    frame_put(old);$/    pt_fence(\&as->pt, va, 1);\n&/
