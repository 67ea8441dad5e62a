# when memory is full, resolve changes nothing
/^static int resolve_by_copy/,/^}/s/^        return -ENOMEM;/        return frame_put(pte_frame(pte_load(entry))), -ENOMEM;/
