/* What the machine must supply to mm/: page tables, fences, counts. All of it is told here.
 *
 * Two machines do: arch/riscv (Sv39) and the fake one of the host suite (tests/host), whose TLB
 * forgets nothing until it is fenced. Each has three parts:
 *  - "machine_inline.h": the functions of the next section, in line;
 *  - "pte.h": the format of an entry, and the functions that make and read one;
 *  - the functions after that. The walker (arch/riscv/pagetable.c) serves both machines.
 *
 * The walker owns the frames of the tables. It touches no leaf entry and no count of a mapped
 * frame: who writes a leaf entry owns the reference that goes with it. */
#pragma once

#include <stdatomic.h>

#include "machine_inline.h"
#include "lib/types.h"
#include "pte.h"

/* ---- In line, in "machine_inline.h" ---- */

/* Where the kernel reaches physical memory. needs: RAM, or a device that is mapped */
static inline void *frame_address(paddr_t address);

/* Which hart runs this: 0, 1, ... It cannot change while the kernel runs. */
static inline size_t hart_index(void);

/* Add to a count, in one step for all harts.
 * returns: what it was before
 * Nothing else is ordered by count_add. All that this hart reads and writes before
 * count_add_ordered is done before it, and all that comes after is done after it. */
static inline int64_t count_add(int32_t *count, int64_t change);
static inline int64_t count_add_ordered(int32_t *count, int64_t change);

/* Read what never changes any more, so that a loop may read it once. */
static inline uintptr_t read_constant(const uintptr_t *place);

/* For tests/interleave, empty on a real machine: here another hart may go on; here this hart waits
 * until the word is 0. */
static inline void yield_point(const char *where);
static inline void yield_until_zero(const _Atomic uint32_t *word);

/* ---- Page tables ---- */

struct page_table {
    paddr_t root;                /* frame of the root table */
    _Atomic uint64_t harts;      /* bit i: hart i has it loaded now */
    _Atomic uint64_t text_stale; /* bit i: hart i fences its text before it runs programs of it */
    struct range stale;          /* what pt_fence_later was told of; end 0: nothing */

    /* The walker's own. */
    vaddr_t low; /* tables were made for addresses in [low, high) and no others */
    vaddr_t high;
    vaddr_t found_start; /* what the leaf table of the last walk maps; found_start 1: none */
    pte_t *found;
};

/* A new page table: its user half maps nothing, its kernel half is that of all others.
 * returns: 0, or -ENOMEM */
must_check int pt_create(struct page_table *pt);

/* Free all its tables. needs: every leaf entry of the user half is 0; no hart has it loaded */
void pt_destroy(struct page_table *pt);

/* Let this hart translate by `next`, no more by `last`; NULL: the kernel's own table, which has no
 * user half. All translations that this hart made from `last` end.
 * needs:   hart: the index of this hart, whose bit in .harts is changed */
void pt_load(struct page_table *last, struct page_table *next, uint32_t hart);

/* The leaf entry for `va`. It stays where it is until pt_destroy.
 * needs:   va below USER_END; nobody else uses `pt` meanwhile
 * returns: NULL when there is no leaf table for it; pt_ensure makes the tables that are missing,
 *          and returns NULL when memory is full (it may have made some, which map nothing) */
static inline pte_t *pt_find(struct page_table *pt, vaddr_t va);
static inline pte_t *pt_ensure(struct page_table *pt, vaddr_t va);

/* Pages of `pt` have become text, or hold other text now: a hart may have fetched what their frames
 * held before, for whomever. When this returns, each hart that has `pt` loaded has passed an
 * instruction fence (fence.i); every other one passes it when it loads it.
 * needs:   nobody else uses `pt` meanwhile; bytes and entries are stored */
void pt_text_changed(struct page_table *pt);

/* The child runs what the parent runs, in the same frames: what harts have to fence is the same. */
static inline void pt_text_inherit(struct page_table *child, const struct page_table *parent);

/* The machine's: an instruction fence on each of these harts, after all that this hart has stored.
 */
void pt_fence_text(uint64_t harts);

/* Write or read one entry, in one 64-bit access: the hardware's walker sees the old entry or the
 * new one. (An atomic store would do, but compilers make it a slower swap.) No fence. */
static inline void pte_store(pte_t *entry, pte_t value) {
    yield_point("entry");
    *(volatile pte_t *)entry = value;
}
static inline pte_t pte_load(const pte_t *entry) { return *(const volatile pte_t *)entry; }

/* Bytes before their entry: who translates by an entry that is stored after this sees all that
 * this hart wrote before it. */
static inline void pte_publish(void) {
    yield_point("publish");
    atomic_thread_fence(memory_order_release);
}

/* Frames that are page tables now, of all address spaces. */
size_t pt_frame_count(void);

/* Call `visit` with each frame that holds a table of `pt`. For audit. */
void pt_visit_tables(const struct page_table *pt, void (*visit)(paddr_t table, void *context),
                     void *context);

/* ---- Fences (Privileged, 4.2.1) ---- */

/* End all translations of [va, va + npages pages) that were made from older entries, on every hart
 * that has `pt` loaded. When it returns they are gone. */
void pt_fence(struct page_table *pt, vaddr_t va, size_t npages);

/* The same, put off until pt_fence_flush: one fence for many ranges. In between it is owed.
 * needs:   the change only took rights away; the caller keeps the entries locked until the flush */
void pt_fence_later(struct page_table *pt, vaddr_t va, size_t npages);
void pt_fence_flush(struct page_table *pt);
static inline bool pt_fence_owed(const struct page_table *pt) { return pt->stale.end != 0; }

/* ---- Many entries ---- */

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

/* How many entries of one leaf table stand side by side from that of `va` on, up to `end`. */
static inline size_t pt_span(vaddr_t va, vaddr_t end) {
    vaddr_t table_end = (va | (PT_LEAF_TABLE_BYTES - 1)) + 1;
    return (min_u64(table_end, end) - va) >> PAGE_SHIFT;
}

/* ---- In line: most look-ups are in the leaf table of the one before ---- */

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

/* ---- Instruction fences ---- */

static inline void pt_text_inherit(struct page_table *child, const struct page_table *parent) {
    atomic_store_explicit(&child->text_stale,
                          atomic_load_explicit(&parent->text_stale, memory_order_relaxed),
                          memory_order_relaxed);
}

/* For pt_load: the hart has set its bit in pt->harts, and is about to run programs of it. Either it
 * sees here what pt_text_changed has noted, or that one has seen its bit. */
static inline void pt_text_enter(struct page_table *pt, uint64_t bit) {
    if (atomic_load_explicit(&pt->text_stale, memory_order_seq_cst) & bit) {
        atomic_fetch_and_explicit(&pt->text_stale, ~bit, memory_order_relaxed);
        pt_fence_text(bit);
    }
}
