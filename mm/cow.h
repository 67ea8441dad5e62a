/* Copy-on-write: how pages of private memory are shared, and how a write unshares one.
 *
 * Two functions and no others. Another file can stand in the place of mm/cow.c (-DBYRE_COW=FILE):
 * it includes this header and the public ones and keeps these contracts. Tests ask nothing of it
 * that is not written here. What is marked (quality) is what it may cost: only tests of quality ask
 * for it, and a file that copies more, fences more or counts nothing is right without it. The
 * chapters are docs/copy-on-write.md and docs/tests.md.
 *
 * Both functions keep these rules at every step, since other harts run meanwhile:
 *  - A frame's count is never below the number of entries that map it: frame_get comes before the
 *    new entry, frame_put after the old one is gone.
 *  - Bytes come before their entry: pte_publish stands between the two.
 *  - An entry changes from one frame to another in four steps: hide (store 0), fence, show, put.
 *    While a hart can read the old frame, nobody writes the new one, and nobody frees the old one.
 *  - Entries are made by pte_make, with pte_flags or pte_cow_flags of their region's rights.
 * They change the entries of their range and nothing else; cow_resolve may also resolve other pages
 * of the region that are present, by the same rules. A fence may be left out where no hart runs the
 * address space. Their callers decide which accesses a region allows, note which of its pages are
 * resident, and hold the locks. */
#pragma once

#include "lib/types.h"
#include "mm/aspace.h"

/* Share npages pages at from_va with another address space, where they appear at to_va.
 *
 *   the giver's page   the giver's entry becomes            the receiver's entry becomes
 *   absent             -                                    -
 *   writable           read-only, COW                       the same frame, read-only; COW if its
 *   read-only          - (COW stays as it is)               region may be written, else not
 *
 * Each page of the receiver has a reference of its own. Page tables are made only where the giver
 * has one. (quality) No byte is copied, and memory is used for page tables alone. Whoever copies
 * gives the receiver the bytes of one moment: no hart writes them between the copies.
 * needs:   from and to are locked and differ; addresses page-aligned; npages > 0; each range lies
 *          in one private region; `to` has no page in its range
 * returns: 0, and where the giver lost a right to write, its fence is owed for the range
 *          (pt_fence_later): the caller does it before it unlocks
 * on failure: -ENOMEM: memory is full, or a count is. Some of the pages are shared, and `to` is
 *          correct to unmap or destroy. `from` has all its bytes; cow_resolve gives lost rights
 *          back. The fence is owed as above */
must_check int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
                         size_t npages);

/* Give `as` a page at `va` that it alone maps and may write, with the same bytes.
 *
 *   the frame              what happens                               counted (vm_counters)
 *   has a count of 1       it is reused: no frame, no copy, no fence  reuses
 *   has a higher count     a new frame, the bytes copied, one fence   copies
 *   is the zero frame      a zeroed frame in its place, one fence     zero_fills
 *
 * (quality) The first row, the number of fences, the counters, and zeros instead of a copy.
 *
 * needs:   as locked; va page-aligned; its region is private and may be written; the leaf is
 *          present and not writable (COW or not: only the region says what may be written)
 * returns: 0: the entry has all rights of its region, its frame has a count of 1, and no hart
 *          reads the old frame through it
 * on failure: -ENOMEM: nothing changed */
must_check int cow_resolve(struct aspace *as, vaddr_t va);
