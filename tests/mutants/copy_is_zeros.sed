s/bool zero = old == zero_frame;/bool zero = true;/
