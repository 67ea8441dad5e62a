/* Fork of an address space. The chapter is docs/copy-on-write.md. */
#pragma once

#include "mm/aspace.h"

/* Make a child with the same regions and the same bytes as `parent`. They share all frames.
 * needs:   parent is not locked
 * returns: 0 and *child. No hart can write a shared page by an older translation of the parent
 * on failure: -ENOMEM: there is no child, and the parent has what it had */
must_check int vm_fork(struct aspace *parent, struct aspace **child);
