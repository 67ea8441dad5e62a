# mm/aspace.c: unmap puts frames that harts can still reach
/^static void region_remove/,/^}/s/^    pt_fence(.*$//
