# mm/aspace.c fault_and_unmap: unmap puts frames that harts can still reach
/^static void discard_pages/,/^}/s/^    pt_fence(.*$//
