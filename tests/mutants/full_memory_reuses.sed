# when memory is full, resolve changes nothing
/^static int resolve_by_copy/,/^}/s/^        return -ENOMEM;/        return pte_store(entry, pte_make(pte_frame(pte_load(entry)), flags)), 0;/
