/* The fake machine: see tests/machine.h. */
#include "tests/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/riscv/pagetable.h"
#include "lib/assert.h"
#include "lib/print.h"
#include "mm/pmm.h"

#define RAM_START UINT64_C(0x80000000)
#define TLB_ENTRIES 2048   /* pages that one hart translates */
#define TRANSLATIONS_MAX 4 /* of one page */

/* A hart may use any translation that it made since the last fence (Privileged, 4.2.1). */
struct translations {
    vaddr_t page;
    size_t n;
    pte_t entry[TRANSLATIONS_MAX];
};

static struct fake_hart {
    struct aspace *as;
    size_t npages;
    struct translations tlb[TLB_ENTRIES];
} harts[FAKE_HARTS];

static struct {
    paddr_t start;
    size_t nframes;
    char *bytes;
    void *table; /* of frame_init */
} ram;

/* What a hart has fetched as text, of each frame the first byte: it forgets nothing until it passes
 * an instruction fence, whoever has the frame then. */
static struct fetched_byte {
    bool valid;
    unsigned char value;
} fetched[FAKE_HARTS][MACHINE_FRAMES_MAX];

size_t machine_nframes = MACHINE_FRAMES_MAX;
size_t machine_fences;
uint32_t machine_hart;
void (*machine_at_fence)(void);
void (*machine_at_yield)(const char *where, const _Atomic uint32_t *waits_for);
void (*machine_watcher)(const char *where, const _Atomic uint32_t *waits_for);
void (*machine_end)(int status) __attribute__((noreturn)) = exit;

void *machine_memory(paddr_t address) {
    if (address < ram.start || address >= ram.start + ram.nframes * PAGE_SIZE)
        panic("no memory at physical address %#lx: RAM is %#lx to %#lx", (unsigned long)address,
              (unsigned long)ram.start, (unsigned long)(ram.start + ram.nframes * PAGE_SIZE));
    return ram.bytes + (address - ram.start);
}

void pt_copy_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = PTE_VALID | PTE_READ | PTE_GLOBAL; }
void pt_clear_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = 0; }

static void end_translations(struct fake_hart *hart, vaddr_t start, vaddr_t end) {
    for (size_t i = 0; i < hart->npages; i++)
        while (i < hart->npages && hart->tlb[i].page >= start && hart->tlb[i].page < end)
            hart->tlb[i] = hart->tlb[--hart->npages];
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

void pt_fence_text(uint64_t fenced) {
    for (int i = 0; i < FAKE_HARTS; i++)
        if (fenced & UINT64_C(1) << i)
            memset(fetched[i], 0, sizeof fetched[i]);
}

unsigned char machine_fetch(int hart, paddr_t address) {
    struct fetched_byte *known = &fetched[hart][(address - ram.start) >> PAGE_SHIFT];
    if (!known->valid)
        *known = (struct fetched_byte){true, *(unsigned char *)frame_address(address)};
    return known->value;
}

void machine_reset_at(paddr_t start, size_t nframes) {
    paddr_t end = start + nframes * PAGE_SIZE;
    if (!ram.bytes) {
        ram.bytes = aligned_alloc(PAGE_SIZE, MACHINE_FRAMES_MAX * PAGE_SIZE);
        ram.table = malloc(frame_table_bytes(0, MACHINE_FRAMES_MAX * PAGE_SIZE));
    }
    ram.start = start;
    ram.nframes = nframes;
    for (int i = 0; i < FAKE_HARTS; i++)
        harts[i].as = NULL, harts[i].npages = 0;
    memset(fetched, 0, sizeof fetched);
    frame_init(start, end, ram.table);
    frame_add_ram(start, end);
    frame_fail_after(SIZE_MAX);
    frame_release(start + PAGE_SIZE, start + (1 + nframes / 2) * PAGE_SIZE);
    frame_init_zero();
    machine_hart = 0;
    machine_fences = 0;
    machine_at_fence = NULL;
    machine_at_yield = machine_watcher;
}

void machine_reset(void) { machine_reset_at(RAM_START, machine_nframes); }

struct aspace *hart_space(int hart) {
    return harts[hart].as;
}

void pt_load(struct page_table *last, struct page_table *next, uint32_t hart) {
    uint64_t bit = UINT64_C(1) << hart;
    if (next)
        atomic_fetch_or_explicit(&next->harts, bit, memory_order_seq_cst);
    harts[hart].as = next ? container_of(next, struct aspace, pt) : NULL;
    end_translations(&harts[hart], 0, UINT64_MAX);
    if (next)
        pt_text_enter(next, bit);
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
    pte_t needed = access == ACCESS_WRITE     ? PTE_WRITE | PTE_DIRTY
                   : access == ACCESS_EXECUTE ? PTE_EXECUTE
                                              : PTE_READ;
    return pte_present(entry) && (entry & PTE_USER) && (entry & needed) == needed;
}

/* The hardware's own walk: nothing that the kernel remembers of its walks plays a part. */
pte_t machine_walk(const struct aspace *as, vaddr_t va) {
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

/* What the hart's TLB knows of the page. When it is full, another page makes room. */
static struct translations *translations_of(struct fake_hart *hart, vaddr_t page) {
    static size_t next;
    for (size_t i = 0; i < hart->npages; i++)
        if (hart->tlb[i].page == page)
            return &hart->tlb[i];
    struct translations *new =
        &hart->tlb[hart->npages < TLB_ENTRIES ? hart->npages++ : next++ % TLB_ENTRIES];
    *new = (struct translations){.page = page};
    return new;
}

/* One more translation of a page, made from what the entry says now. The oldest stays for ever. */
static size_t translation_add(struct translations *known, pte_t entry) {
    for (size_t i = 0; i < known->n; i++)
        if (known->entry[i] == entry)
            return i;
    size_t i = min_u64(known->n, TRANSLATIONS_MAX - 1);
    known->entry[i] = entry;
    known->n = i + 1;
    return i;
}

/* The hardware: the TLB, else a walk that fills it. */
bool hart_translate(int hart, vaddr_t va, enum access access, paddr_t *address) {
    yield_point("access");
    struct translations *known = translations_of(&harts[hart], page_round_down(va));
    size_t i = 0;
    while (i < known->n && !allows(known->entry[i], access))
        i++;
    if (i == known->n) {
        pte_t entry = machine_walk(harts[hart].as, va);
        if (!allows(entry, access))
            return false;
        i = translation_add(known, entry);
    }
    *address = pte_frame(known->entry[i]) | (va & PAGE_MASK);
    return true;
}

void machine_fill_tlbs(vaddr_t page) {
    for (int i = 0; i < FAKE_HARTS; i++) {
        pte_t entry = harts[i].as ? machine_walk(harts[i].as, page) : 0;
        if (pte_present(entry))
            (void)translation_add(translations_of(&harts[i], page), entry);
    }
}

void machine_visit_translations(void (*visit)(int hart, vaddr_t page, pte_t entry)) {
    for (int i = 0; i < FAKE_HARTS; i++)
        for (size_t k = 0; k < harts[i].npages; k++)
            for (size_t n = 0; n < harts[i].tlb[k].n; n++)
                visit(i, harts[i].tlb[k].page, harts[i].tlb[k].entry[n]);
}

_Noreturn void machine_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("  ");
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    machine_end(1);
}

_Noreturn void panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("  kernel panic: ", stdout);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    machine_end(2);
}

void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}
