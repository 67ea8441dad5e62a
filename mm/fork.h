/* Fork of an address space. The chapter is docs/copy-on-write.md. */
#pragma once

#include "mm/aspace.h"

/* A child with the same regions and the same bytes as `parent`, sharing its frames.
 * => parent not locked; nobody else can reach the child before this returns
 * => 0 and *child; -ENOMEM: there is no child, and the parent has what it had */
must_check int vm_fork(struct aspace *parent, struct aspace **child);
