s/^        source.n = min_u64.*$//
