/* Tests that look at single pages: what they hold, and what their entries say. */
#pragma once

#include "tests/mm/space.h"

/* How cow_share is called: both spaces locked, and the fence of the giver before they are unlocked.
 * What the receiver's region knows of resident pages is noted too. */
int share_pages_of(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
                   size_t npages);

/* A space with one private region. */
struct aspace *space_at(vaddr_t start, uint64_t nbytes, uint32_t rights);

/* The entry of a page; 0: absent. */
pte_t entry_of(struct aspace *as, vaddr_t va);

/* Print an entry in words: the rights, the mark, the frame and its count. */
void print_entry(const char *label, pte_t entry);

/* Fill a page with bytes that depend on `value`, all different from 0; expect them there. */
void page_fill(struct aspace *as, vaddr_t va, unsigned value);
void page_expect(struct aspace *as, vaddr_t va, unsigned value);

/* Check that a page is absent, or that its entry has these rights (MAP_*), COW or not. */
void expect_absent(struct aspace *as, vaddr_t va);
void expect_rights(struct aspace *as, vaddr_t va, uint32_t rights);
