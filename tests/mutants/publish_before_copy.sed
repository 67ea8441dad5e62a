# bytes are published after they were written
/^static void replace_frame/,/^}/{/^    pte_publish();$/d
}
s/^    paddr_t copy = frame_alloc();/    pte_publish();\n&/
