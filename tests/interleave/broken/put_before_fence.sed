# mm/cow.c fault_and_exit: the old frame is put before the fence
/^    frame_put(old);$/d
s/^    pt_fence(&as->pt, va, 1);$/    frame_put(old);\n&/
