/* The fake machine: see tests/machine.h. */
#include "tests/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/riscv/pagetable.h"
#include "lib/assert.h"
#include "lib/print.h"
#include "mm/pmm.h"

#define FAKE_RAM_START UINT64_C(0x80000000)
#define FREE_FRAMES (FAKE_FRAMES / 2)

/* A hart may use any translation that it made since the last fence (Privileged, 4.2.1): of a page
 * it keeps the first, and the last that allowed more. */
struct translations {
    vaddr_t page;
    size_t n;
    pte_t entry[2];
};

static struct fake_hart {
    struct aspace *as;
    struct translations tlb[TLB_ENTRIES];
} harts[FAKE_HARTS];

static char *memory;
static void *table;
size_t machine_fences;
uint32_t machine_hart;
void (*machine_at_fence)(void);
void (*machine_at_yield)(const char *where, const _Atomic uint32_t *waits_for);

void *machine_memory(paddr_t address) {
    assert(address >= FAKE_RAM_START && address < FAKE_RAM_START + FAKE_FRAMES * PAGE_SIZE);
    return memory + (address - FAKE_RAM_START);
}

void pt_copy_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = PTE_VALID | PTE_READ | PTE_GLOBAL; }
void pt_clear_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = 0; }

static void end_translations(struct fake_hart *hart, vaddr_t start, vaddr_t end) {
    for (size_t i = 0; i < TLB_ENTRIES; i++)
        if (hart->tlb[i].page >= start && hart->tlb[i].page < end)
            hart->tlb[i].n = 0;
}

void pt_fence(struct page_table *pt, vaddr_t va, size_t npages) {
    yield_point("fence");
    machine_fences++;
    if (machine_at_fence)
        machine_at_fence();
    for (int i = 0; i < FAKE_HARTS; i++)
        if (atomic_load_explicit(&pt->harts, memory_order_relaxed) & UINT64_C(1) << i)
            end_translations(&harts[i], va, va + npages * PAGE_SIZE);
}

void machine_reset(void) {
    paddr_t end = FAKE_RAM_START + FAKE_FRAMES * PAGE_SIZE;
    if (!memory) {
        memory = aligned_alloc(PAGE_SIZE, FAKE_FRAMES * PAGE_SIZE);
        table = malloc(frame_table_bytes(FAKE_RAM_START, end));
    }
    memset(memory, 0x5a, FAKE_FRAMES * PAGE_SIZE);
    memset(harts, 0, sizeof harts);
    frame_init(FAKE_RAM_START, end, table);
    frame_add_ram(FAKE_RAM_START, end);
    frame_fail_after(SIZE_MAX);
    frame_release(FAKE_RAM_START + PAGE_SIZE, FAKE_RAM_START + (1 + FREE_FRAMES) * PAGE_SIZE);
    frame_init_zero();
    machine_hart = 0;
    machine_fences = 0;
    machine_at_fence = NULL;
}

struct aspace *hart_space(int hart) {
    return harts[hart].as;
}

void pt_load(struct page_table *last, struct page_table *next, uint32_t hart) {
    uint64_t bit = UINT64_C(1) << hart;
    if (next)
        atomic_fetch_or_explicit(&next->harts, bit, memory_order_seq_cst);
    harts[hart].as = next ? container_of(next, struct aspace, pt) : NULL;
    end_translations(&harts[hart], 0, UINT64_MAX);
    if (last)
        atomic_fetch_and_explicit(&last->harts, ~bit, memory_order_release);
}

void hart_run(int hart, struct aspace *as) {
    if (harts[hart].as)
        pt_load(&harts[hart].as->pt, NULL, (uint32_t)hart);
    if (as)
        pt_load(NULL, &as->pt, (uint32_t)hart);
}

static bool allows(pte_t entry, enum access access) {
    pte_t needed = access == ACCESS_WRITE ? PTE_WRITE | PTE_DIRTY : PTE_READ;
    return pte_present(entry) && (entry & PTE_USER) && (entry & needed) == needed;
}

/* The hardware's own walk: nothing that the kernel remembers of its walks plays a part. */
static pte_t walk(const struct aspace *as, vaddr_t va) {
    paddr_t at = as->pt.root;
    for (int level = PT_LEVELS - 1; va < USER_END; level--) {
        const pte_t *entries = frame_address(at);
        pte_t entry = pte_load(&entries[va >> (PAGE_SHIFT + 9 * level) & (PT_ENTRIES - 1)]);
        if (level == 0 || !pte_present(entry))
            return entry;
        at = pte_frame(entry);
    }
    return 0;
}

/* What the hart's TLB knows of the page; when it is full of other pages, of one less. */
static struct translations *translations_of(struct fake_hart *hart, vaddr_t page) {
    struct translations *known = &hart->tlb[page >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
    if (known->page != page)
        *known = (struct translations){.page = page};
    return known;
}

/* The hardware: the TLB, else a walk that fills it. */
bool hart_translate(int hart, vaddr_t va, enum access access, paddr_t *address) {
    yield_point("access");
    struct translations *known = translations_of(&harts[hart], page_round_down(va));
    size_t i = 0;
    while (i < known->n && !allows(known->entry[i], access))
        i++;
    if (i == known->n) {
        pte_t entry = walk(harts[hart].as, va);
        if (!allows(entry, access))
            return false;
        i = min_u64(i, array_length(known->entry) - 1);
        known->entry[i] = entry;
        known->n = i + 1;
    }
    *address = pte_frame(known->entry[i]) | (va & PAGE_MASK);
    return true;
}

void machine_fill_tlbs(vaddr_t page) {
    for (int i = 0; i < FAKE_HARTS; i++) {
        if (!harts[i].as)
            continue;
        struct translations *known = translations_of(&harts[i], page);
        pte_t entry = walk(harts[i].as, page);
        if (known->n == 0 && pte_present(entry))
            known->entry[known->n++] = entry;
    }
}

void machine_visit_translations(void (*visit)(int hart, pte_t entry)) {
    for (int i = 0; i < FAKE_HARTS; i++)
        for (size_t k = 0; k < TLB_ENTRIES; k++)
            for (size_t n = 0; n < harts[i].tlb[k].n; n++)
                visit(i, harts[i].tlb[k].entry[n]);
}

_Noreturn void panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("panic: ", stdout);
    vprintf(format, arguments);
    putchar('\n');
    exit(2);
}

void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}
