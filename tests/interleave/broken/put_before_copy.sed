# mm/cow.c fault_and_exit: the old frame is put before its bytes are read
/^    frame_put(old);$/d
s/^    if (!zero)$/    frame_put(old);\n&/
