# bytes are published before their entry is stored
/^static void replace_frame/,/^}/{/^    pte_publish();$/d
}
