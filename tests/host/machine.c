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
#define FAKE_FRAMES 4096
#define FREE_FRAMES (FAKE_FRAMES / 2)
#define TLB_ENTRIES 8192

struct translation {
    bool valid;
    vaddr_t page;
    pte_t entry;
};

static struct fake_hart {
    struct aspace *as;
    struct translation tlb[TLB_ENTRIES];
} harts[FAKE_HARTS];

static char *memory;
static void *table;
size_t machine_fences;
uint32_t machine_hart;
void (*machine_at_fence)(void);

void *frame_address(paddr_t address) {
    assert(address >= FAKE_RAM_START && address < FAKE_RAM_START + FAKE_FRAMES * PAGE_SIZE);
    return memory + (address - FAKE_RAM_START);
}

void pt_copy_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = PTE_VALID | PTE_READ | PTE_GLOBAL; }
void pt_clear_kernel_half(pte_t *root) { root[PT_ENTRIES - 1] = 0; }

static void end_translations(struct fake_hart *hart, vaddr_t start, vaddr_t end) {
    for (size_t i = 0; i < TLB_ENTRIES; i++)
        if (hart->tlb[i].page >= start && hart->tlb[i].page < end)
            hart->tlb[i].valid = false;
}

void pt_fence(struct page_table *pt, vaddr_t va, size_t npages) {
    machine_fences++;
    if (machine_at_fence)
        machine_at_fence();
    for (int i = 0; i < FAKE_HARTS; i++)
        if (harts[i].as && &harts[i].as->pt == pt)
            end_translations(&harts[i], va, va + npages * PAGE_SIZE);
}

void machine_reset(void) {
    paddr_t end = FAKE_RAM_START + FAKE_FRAMES * PAGE_SIZE;
    free(memory);
    free(table);
    memory = aligned_alloc(PAGE_SIZE, FAKE_FRAMES * PAGE_SIZE);
    table = malloc(frame_table_bytes(FAKE_RAM_START, end));
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

void hart_run(int hart, struct aspace *as) {
    struct fake_hart *h = &harts[hart];
    if (h->as)
        atomic_fetch_and(&h->as->pt.harts, ~(UINT64_C(1) << hart));
    if (as)
        atomic_fetch_or(&as->pt.harts, UINT64_C(1) << hart);
    h->as = as;
    end_translations(h, 0, UINT64_MAX);
}

static bool allows(pte_t entry, enum access access) {
    pte_t needed = access == ACCESS_WRITE ? PTE_WRITE | PTE_DIRTY : PTE_READ;
    return pte_present(entry) && (entry & PTE_USER) && (entry & needed) == needed;
}

/* The hardware: TLB, else a walk that fills it. */
bool hart_translate(int hart, vaddr_t va, enum access access, paddr_t *address) {
    struct fake_hart *h = &harts[hart];
    struct translation *slot = &h->tlb[va >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
    vaddr_t page = page_round_down(va);
    if (!(slot->valid && slot->page == page && allows(slot->entry, access))) {
        const pte_t *entry = va < USER_END ? pt_find(&h->as->pt, va) : NULL;
        if (!entry || !allows(*entry, access))
            return false;
        *slot = (struct translation){true, page, *entry};
    }
    *address = pte_frame(slot->entry) | (va & PAGE_MASK);
    return true;
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
