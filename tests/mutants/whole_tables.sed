# no page beside the range is shared
s/^    for_each_stretch (source, &from->pt, from_va, end) {/    for_each_stretch (source, \&from->pt, from_va, end) {\n        if (source.va == from_va \&\& from_va % PT_LEAF_TABLE_BYTES)\n            source.va -= PAGE_SIZE, source.entries--, source.n++;/
