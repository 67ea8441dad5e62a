# the old frame is put after the fence
/^    frame_put(old);$/d
s/^    pt_fence(&as->pt, va, 1);$/    frame_put(old);\n&/
