s/^    region_filled(to_region.*$//
