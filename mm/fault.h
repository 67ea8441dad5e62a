/* The page fault handler: what an access to user memory means, decided in one place.
 *
 * A trap asks it, and so does every copy by the kernel. The decision table is at the top of
 * mm/fault.c; the chapter is docs/copy-on-write.md. */
#pragma once

#include "mm/aspace.h"

/* An access is the right that it needs. */
enum access { ACCESS_READ = MAP_READ, ACCESS_WRITE = MAP_WRITE, ACCESS_EXECUTE = MAP_EXEC };

/* Make the access at `va` possible, or say why it is not.
 * needs:   as is not locked; any va at all
 * returns: 0: the program may try again
 * on failure: -EFAULT: no region is there; -EACCES: the region forbids it; -ENOMEM: out of memory.
 *          Nothing changed */
must_check int vm_fault(struct aspace *as, vaddr_t va, enum access access);

/* As vm_fault, for a caller that uses the page itself.
 * needs:   as is locked
 * returns: 0, and *frame is what `va` maps, good for the access until as is unlocked
 * on failure: as above; -EFAULT also for a device: the kernel does not touch one for a user */
must_check int vm_fault_locked(struct aspace *as, vaddr_t va, enum access access, paddr_t *frame);
