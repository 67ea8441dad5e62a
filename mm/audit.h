/* Audit: walks every page table and proves the invariants of docs/copy-on-write.md.
 *
 * For tests, and for debugging: it stops at nothing, prints one line for each violation (which
 * invariant, which page, what was expected and what was found), and changes nothing. */
#pragma once

#include "lib/types.h"

/* => no other hart runs user programs meanwhile, or the counts it reads may move
 * => the number of violations found; -ENOSYS in a build without BYRE_DEBUG */
must_check int audit_run(void);
