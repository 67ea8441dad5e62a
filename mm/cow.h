/* Copy-on-write: how pages of private memory are shared, and how a write unshares one.
 *
 * Two functions, and no others. Another file can stand in the place of mm/cow.c
 * (-DBYRE_COW=FILE): it includes this header and the public ones, and keeps these contracts.
 * The chapter is docs/copy-on-write.md. */
#pragma once

#include "lib/types.h"
#include "mm/aspace.h"

/* Make npages pages at from_va appear at to_va in another address space, without a copy.
 * Pages not yet touched stay absent. A page that `from` may write becomes read-only and marked
 * there; a page that `to` may write becomes read-only and marked there; a page of a read-only
 * region is read-only and unmarked. Executable or not is as the receiving region says.
 * => both locked; addresses page-aligned; each range lies in one private region;
 *    `to` has no page in its range
 * => 0: `from`'s translations that could still write are noted with pt_fence_later, so they end
 *    when `from` is unlocked
 * => -ENOMEM: `to` may be partly filled and is correct to unmap or destroy; `from` may have lost
 *    the right to write in entries (cow_resolve gives it back), never data */
must_check int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
                         size_t npages);

/* Give `as` a page at `va` that it alone maps and may write, with the same bytes: copied when
 * others map the frame, taken as it is when `as` is the last owner, a zeroed frame when it is the
 * zero frame.
 * => as locked; its region is private and may be written; the leaf is present and not writable
 * => 0: the leaf is writable and its frame's count is 1; no hart reads the old frame through it
 * => -ENOMEM: nothing changed */
must_check int cow_resolve(struct aspace *as, vaddr_t va);
