# mm/aspace.c copy_both_ways: two address spaces are locked in the order in which they are named
s/aspace_lock(a < b ? a : b);/aspace_lock(a);/
s/aspace_lock(a < b ? b : a);/aspace_lock(b);/
