# a copied page has all 4096 bytes of the old one
/^    memcpy(/d
