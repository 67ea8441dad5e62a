# the two sides may be far apart
s/= to_va - from_va; /= (uint32_t)(to_va - from_va); /
