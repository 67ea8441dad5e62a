/* What the machine must supply to mm/: page tables and fences.
 *
 * arch/riscv/paging.c implements it for Sv39; the host suite runs the same walker over a fake
 * memory and a fake TLB. The format of an entry, with its named accessors, is in "pte.h" beside
 * the implementation. Nothing here touches a count of a mapped frame: who writes a leaf entry
 * owns the reference that goes with it. The tables' own frames are this interface's business. */
#pragma once

#include <stdatomic.h>

#include "machine_inline.h"
#include "lib/types.h"
#include "pte.h"

/* One page table. */
struct page_table {
    paddr_t root;           /* frame of the root table */
    _Atomic uint64_t harts; /* bit i: hart i has it loaded now */
    struct range stale;     /* what pt_fence_later was told of; end 0: nothing */

    /* The walker's own. */
    vaddr_t low; /* tables were made for addresses in [low, high) and no others */
    vaddr_t high;
    vaddr_t found_start; /* what the leaf table of the last walk maps; found_start 1: none */
    pte_t *found;
};

/* A new page table: user half empty, kernel half as in all others. => 0 or -ENOMEM */
must_check int pt_create(struct page_table *pt);

/* Free all table frames. => every leaf entry of the user half is 0 already; no hart has it loaded
 */
void pt_destroy(struct page_table *pt);

/* Let this hart translate by `next` in the place of `last`; NULL: the kernel's own table, which
 * has an empty user half. All translations of `last` end here. => hart: this hart's bit in .harts
 */
void pt_load(struct page_table *last, struct page_table *next, uint32_t hart);

/* The leaf entry for `va`, or NULL when no leaf table covers it.
 * => va below USER_END; nobody else uses `pt` meanwhile; the entry stays where it is until
 *    pt_destroy */
static inline pte_t *pt_find(struct page_table *pt, vaddr_t va);

/* As pt_find, but makes the missing tables. => NULL when there is no memory: nothing changed
 * that matters, since an empty table maps nothing */
static inline pte_t *pt_ensure(struct page_table *pt, vaddr_t va);

/* How many leaf entries of one leaf table stand side by side from `va` on, not beyond `end`. */
static inline size_t pt_span(vaddr_t va, vaddr_t end) {
    vaddr_t table_end = (va | (PT_LEAF_TABLE_BYTES - 1)) + 1;
    return (min_u64(table_end, end) - va) >> PAGE_SHIFT;
}

/* A stretch: leaf entries that stand side by side in one leaf table. */
struct stretch {
    vaddr_t va; /* what the first of them maps */
    size_t n;
    pte_t *entries;
};

/* The first stretch in [va, end) that has a leaf table; n is 0 when there is none. */
static inline struct stretch pt_find_stretch(struct page_table *pt, vaddr_t va, vaddr_t end);

/* Go through all of [start, end) that has leaf tables, a stretch at a time. The body may make
 * stretch.n smaller: the next stretch begins behind what is left of this one. */
#define for_each_stretch(stretch, pt, start, end)                                                  \
    for (stretch = pt_find_stretch(pt, start, end); stretch.n > 0;                                 \
         stretch = pt_find_stretch(pt, stretch.va + stretch.n * PAGE_SIZE, end))

/* Write or read one entry. Volatile and aligned: a single 64-bit store, so that the walker in
 * hardware sees the old entry or the new one. (An atomic store would do, but becomes a slower
 * swap.) No fence. */
static inline void pte_store(pte_t *entry, pte_t value) {
    yield_point("entry");
    *(volatile pte_t *)entry = value;
}
static inline pte_t pte_load(const pte_t *entry) { return *(const volatile pte_t *)entry; }

/* A page's bytes before its entry: whoever translates by an entry stored after this sees all that
 * was written before it. */
static inline void pte_publish(void) { atomic_thread_fence(memory_order_release); }

/* End all translations of [va, va + npages pages) that were made from older entries, on every
 * hart that has `pt` loaded. When it returns they are gone. (Privileged, 4.2.1 SFENCE.VMA) */
void pt_fence(struct page_table *pt, vaddr_t va, size_t npages);

/* The same, put off until pt_fence_flush: one fence for many ranges. From here to there the fence
 * is owed. For a change that only takes rights away, by a caller that keeps the lock that guards
 * the entries until it has paid. */
void pt_fence_later(struct page_table *pt, vaddr_t va, size_t npages);
static inline bool pt_fence_owed(const struct page_table *pt) { return pt->stale.end != 0; }
void pt_fence_flush(struct page_table *pt);

/* Frames in use as page tables, all page tables together. */
size_t pt_frame_count(void);

/* Call `visit` with each frame that holds a table of `pt`. For audit. */
void pt_visit_tables(const struct page_table *pt, void (*visit)(paddr_t table, void *context),
                     void *context);

/* ---- In line: most look-ups are in the leaf table of the one before, and nothing is stale ---- */

pte_t *pt_walk(struct page_table *pt, vaddr_t va);
pte_t *pt_walk_ensure(struct page_table *pt, vaddr_t va);

static inline bool pt_found(const struct page_table *pt, vaddr_t va) {
    return (va & ~(PT_LEAF_TABLE_BYTES - 1)) == pt->found_start;
}

static inline pte_t *pt_found_entry(const struct page_table *pt, vaddr_t va) {
    return pt->found + (va >> PAGE_SHIFT & (PT_ENTRIES - 1));
}

static inline pte_t *pt_find(struct page_table *pt, vaddr_t va) {
    return pt_found(pt, va) ? pt_found_entry(pt, va) : pt_walk(pt, va);
}

static inline pte_t *pt_ensure(struct page_table *pt, vaddr_t va) {
    return pt_found(pt, va) ? pt_found_entry(pt, va) : pt_walk_ensure(pt, va);
}

static inline struct stretch pt_find_stretch(struct page_table *pt, vaddr_t va, vaddr_t end) {
    for (size_t n; va < end; va += n * PAGE_SIZE) {
        n = pt_span(va, end);
        pte_t *entries = pt_find(pt, va);
        if (entries)
            return (struct stretch){.va = va, .n = n, .entries = entries};
    }
    return (struct stretch){.n = 0};
}
