# mm/freelist.c zero_and_count: a frame that a hart zeroes counts as used
s/ + nzeroing;/;/
