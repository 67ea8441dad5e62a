# a reference is put once
s/^    frame_put(old);$/    frame_put(old);\n    if (old != zero_frame)\n        frame_put(old);/
