# the two sides may lie differently in their leaf tables
s/^        source.n = min_u64.*$//
