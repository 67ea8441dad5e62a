# a copied page has every byte of the old one
s/return frame == zero_frame ? /return true ? /
