/* Copies between the kernel and user memory, and between two address spaces.
 *
 * For every page the page fault handler is asked first (mm/fault.h). So a copy into a shared page
 * unshares it, a copy into read-only memory fails, and no page-table entry is read here. The kernel
 * reaches the bytes through its own map of RAM. */
#pragma once

#include "mm/aspace.h"

/* Copy nbytes from user memory to the kernel, or the other way.
 * needs:   as is not locked
 * on failure: -EFAULT, -EACCES or -ENOMEM, as vm_fault. The bytes before the bad page are copied */
must_check int copy_in(struct aspace *as, void *to, vaddr_t from, size_t nbytes);
must_check int copy_out(struct aspace *as, vaddr_t to, const void *from, size_t nbytes);

/* How bytes get from one address space to another. */
enum transfer {
    TRANSFER_COPY,  /* every byte is copied into the page that is there */
    TRANSFER_SHARE, /* whole pages are shared copy-on-write where both sides begin at a page, in the
                       place of what was there. The rest is copied, and so is a page of a shared
                       region, whose writers keep their right to write */
};

/* Bytes of user memory. */
struct user_range {
    struct aspace *as;
    vaddr_t va;
    size_t nbytes;
};

/* Move bytes from one address space to another, or within one: as many as both ranges have.
 * needs:   neither is locked; the ranges do not overlap
 * returns: 0; *copied is how many bytes were moved
 * on failure: as copy_in. *copied is true then too, and *bad is the address space whose page could
 *          not be had */
must_check int copy_between(struct user_range to, struct user_range from, enum transfer transfer,
                            size_t *copied, struct aspace **bad);
