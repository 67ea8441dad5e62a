# mm/fork.c fault_and_fork: a child does not know which of its pages are there
/^    copy->resident = region->resident;/d
