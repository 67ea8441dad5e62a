# a range may lie in several leaf tables
s/^        if (error)$/        if (error || source.n)/
