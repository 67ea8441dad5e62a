# mm/usercopy.c store_and_send: the fence of a message is put off, and never done
/^    pt_fence_flush(/d
