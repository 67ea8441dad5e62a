/* Audit: walks every page table and proves the invariants of docs/copy-on-write.md.
 *
 * For tests and for debugging. It changes nothing, and prints one line for each violation: which
 * invariant, which page, what was expected, what was found. */
#pragma once

#include "lib/types.h"

/* needs:   no other hart is at work meanwhile, or counts would change under it
 * returns: how many violations it found; -ENOSYS in a build without BYRE_DEBUG */
must_check int audit_run(void);
