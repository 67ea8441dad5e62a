# every page of the range is shared
s/^    for (size_t i = 0; i < n \&\& !error; i++)$/    for (size_t i = 0; i + 1 < n \&\& !error; i++)/
