/* The Sv39 page-table walker: finds leaf entries, makes and frees the tables above them.
 *
 * It touches no count of a mapped frame and no leaf entry: who writes a leaf owns its reference.
 * A table is a frame that is all zeros when it is made and all zeros again when it is freed, so
 * nobody ever clears one. Pure C without machine access; the host suite runs this same code. */
#include "mm/pt.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "arch/riscv/pagetable.h"

static _Atomic size_t table_frames;

size_t pt_frame_count(void) { return atomic_load_explicit(&table_frames, memory_order_relaxed); }

/* The index of `va` in its table of the given level; level 0 holds the leaves. */
static size_t table_index(vaddr_t va, int level) {
    return va >> (PAGE_SHIFT + 9 * level) & (PT_ENTRIES - 1);
}

static paddr_t table_alloc(void) {
    paddr_t table = frame_alloc_zeroed();
    if (table != FRAME_NONE)
        atomic_fetch_add_explicit(&table_frames, 1, memory_order_relaxed);
    return table;
}

/* needs: the table is all zeros */
static void table_free(paddr_t table) {
    atomic_fetch_sub_explicit(&table_frames, 1, memory_order_relaxed);
    frame_put_zeroed(table);
}

int pt_create(struct page_table *pt) {
    pt->root = table_alloc();
    if (pt->root == FRAME_NONE)
        return -ENOMEM;
    atomic_store_explicit(&pt->harts, 0, memory_order_relaxed);
    atomic_store_explicit(&pt->text_stale, UINT64_MAX, memory_order_relaxed);
    pt->stale = (struct range){0, 0};
    pt->low = USER_END;
    pt->high = 0;
    pt->found_start = 1; /* no table starts there */
    pt_copy_kernel_half(frame_address(pt->root));
    return 0;
}

/* Remember the leaf table that a walk ended in. returns: the entry for `va` in it */
static pte_t *leaf_found(struct page_table *pt, vaddr_t va, paddr_t table) {
    pt->found_start = va & ~(PT_LEAF_TABLE_BYTES - 1);
    pt->found = frame_address(table);
    return pt->found + table_index(va, 0);
}

pte_t *pt_walk(struct page_table *pt, vaddr_t va) {
    assert(va < USER_END);
    paddr_t table = pt->root;
    for (int level = PT_LEVELS - 1; level > 0; level--) {
        pte_t entry = pte_load((pte_t *)frame_address(table) + table_index(va, level));
        if (!pte_present(entry))
            return NULL;
        table = pte_frame(entry);
    }
    return leaf_found(pt, va, table);
}

pte_t *pt_walk_ensure(struct page_table *pt, vaddr_t va) {
    assert(va < USER_END);
    paddr_t table = pt->root;
    for (int level = PT_LEVELS - 1; level > 0; level--) {
        pte_t *entry = (pte_t *)frame_address(table) + table_index(va, level);
        if (!pte_present(pte_load(entry))) {
            paddr_t below = table_alloc();
            if (below == FRAME_NONE)
                return NULL;
            pte_publish(); /* its zeros: the hardware may walk it at once */
            pte_store(entry, pte_make(below, PTE_VALID));
            pt->low = min_u64(pt->low, va);
            pt->high = max_u64(pt->high, va + 1);
        }
        table = pte_frame(pte_load(entry));
    }
    return leaf_found(pt, va, table);
}

/* How much one entry of a table of this level maps. */
static uint64_t entry_span(int level) { return (uint64_t)PAGE_SIZE << 9 * level; }

/* Free the tables below `table`, which maps from `start` on, and clear the entries that led to
 * them. Only what lies in [low, high) was ever made. */
static void table_clear(paddr_t table, int level, vaddr_t start, vaddr_t low, vaddr_t high) {
    pte_t *entries = frame_address(table);
    size_t first = low > start ? (low - start) / entry_span(level) : 0;
    for (size_t i = first; i < PT_ENTRIES && start + i * entry_span(level) < high; i++) {
        pte_t entry = pte_load(&entries[i]);
        if (!pte_present(entry))
            continue;
        assert(!pte_leaf(entry));
        if (level > 1)
            table_clear(pte_frame(entry), level - 1, start + i * entry_span(level), low, high);
        table_free(pte_frame(entry));
        pte_store(&entries[i], 0);
    }
}

void pt_destroy(struct page_table *pt) {
    assert(atomic_load_explicit(&pt->harts, memory_order_relaxed) == 0);
    table_clear(pt->root, PT_LEVELS - 1, 0, pt->low, pt->high);
    pt_clear_kernel_half(frame_address(pt->root));
    table_free(pt->root);
    pt->root = FRAME_NONE;
}

static void visit_below(paddr_t table, int level, size_t nentries,
                        void (*visit)(paddr_t table, void *context), void *context) {
    visit(table, context);
    if (level == 0)
        return;
    const pte_t *entries = frame_address(table);
    for (size_t i = 0; i < nentries; i++)
        if (pte_present(pte_load(&entries[i])))
            visit_below(pte_frame(pte_load(&entries[i])), level - 1, PT_ENTRIES, visit, context);
}

void pt_visit_tables(const struct page_table *pt, void (*visit)(paddr_t table, void *context),
                     void *context) {
    visit_below(pt->root, PT_LEVELS - 1, PT_ENTRIES / 2, visit, context);
}

void pt_fence_later(struct page_table *pt, vaddr_t va, size_t npages) {
    pt->stale.start = pt_fence_owed(pt) ? min_u64(pt->stale.start, va) : va;
    pt->stale.end = max_u64(pt->stale.end, va + npages * PAGE_SIZE);
}

void pt_fence_flush(struct page_table *pt) {
    if (!pt_fence_owed(pt))
        return;
    pt_fence(pt, pt->stale.start, range_pages(pt->stale));
    pt->stale = (struct range){0, 0};
}

void pt_text_changed(struct page_table *pt) {
    atomic_fetch_or_explicit(&pt->text_stale, UINT64_MAX, memory_order_seq_cst);
    pt_fence_text(atomic_load_explicit(&pt->harts, memory_order_seq_cst));
}
