# a loop ends where the receiver's leaf table ends
s/^        source.n = min_u64.*$//
