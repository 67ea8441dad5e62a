/* The resolver: what an access to user memory means, decided in one place.
 *
 * A trap asks it, user copy asks it, exec asks it. The decision table is at the top of
 * mm/fault.c; the chapter is docs/copy-on-write.md. */
#pragma once

#include "mm/aspace.h"

/* An access is the right that it needs. */
enum access { ACCESS_READ = MAP_READ, ACCESS_WRITE = MAP_WRITE, ACCESS_EXECUTE = MAP_EXEC };

/* Make the access at `va` possible, or say why it is not.
 * => as not locked; any va at all
 * => 0: try again; -EFAULT: no region; -EACCES: the region forbids it; -ENOMEM: no frame */
must_check int vm_fault(struct aspace *as, vaddr_t va, enum access access);

/* As vm_fault for a caller that holds the lock and goes on to use the page itself.
 * => as locked; on 0, *frame is the frame that `va` maps, good for the access until the unlock
 * => -EFAULT too for a device page: the kernel does not read or write devices for a user */
must_check int vm_fault_locked(struct aspace *as, vaddr_t va, enum access access, paddr_t *frame);
