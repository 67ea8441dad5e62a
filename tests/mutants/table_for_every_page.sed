# memory is used only where the giver has a table
s/^    struct stretch source;/    for (size_t i = 0; i < npages; i++)\n        if (!pt_ensure(\&to->pt, to_va + i * PAGE_SIZE))\n            return -ENOMEM;\n&/
