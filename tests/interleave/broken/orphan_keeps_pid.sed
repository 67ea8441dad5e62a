# proc/tree.c parent_and_exit: an orphan still has the pid of a parent that is gone
/^static void give_away/,/^}/s/set_parent(child, heir)/child->parent = heir/
