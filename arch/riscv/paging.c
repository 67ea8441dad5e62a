/* The kernel's own map: physical memory once, in the high half, with the rights of what lies there.
 *
 * All page tables share these top-level entries, so the kernel is mapped whatever is loaded, and
 * its entries are global. The largest page that fits is used: rights of 4 KiB matter only in the
 * image. */
#include "arch/riscv/paging.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/harts.h"
#include "arch/riscv/pagetable.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/pt.h"

extern char kernel_start[], kernel_text_end[], kernel_rodata_end[], symbols_start[], kernel_end[];

#define KERNEL_ENTRY_FIRST (PT_ENTRIES / 2)
#define RIGHTS_TEXT (PTE_READ | PTE_EXECUTE)
#define RIGHTS_CONSTANTS PTE_READ
#define RIGHTS_DATA (PTE_READ | PTE_WRITE)

static paddr_t kernel_root;
static size_t kernel_entries; /* top-level entries in use, from KERNEL_ENTRY_FIRST on */

static paddr_t physical(const char *symbol) { return (uintptr_t)symbol - KERNEL_OFFSET; }

/* ---- RAM to frames ---- */

static bool overlap(struct range a, struct range b) { return a.start < b.end && b.start < a.end; }

/* What may not be given away, by page. */
static size_t reserved_ranges(const struct machine *machine, struct range *reserved) {
    reserved[0] = (struct range){physical(kernel_start), physical(kernel_end)};
    reserved[1] = machine->tree;
    reserved[2] = machine->initrd;
    for (int i = 0; i < 3; i++) {
        reserved[i].start = page_round_down(reserved[i].start);
        reserved[i].end = page_round_up(reserved[i].end);
    }
    return 3;
}

/* The end of the first reserved range that the given one meets; 0: it is free. */
static paddr_t reserved_until(struct range range, const struct range *reserved, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (overlap(range, reserved[i]))
            return reserved[i].end;
    return 0;
}

/* Room for nbytes above the kernel's image in its range of RAM, or FRAME_NONE. */
static paddr_t find_room(const struct range *ram, size_t nbytes, const struct range *reserved,
                         size_t n) {
    struct range room = {page_round_up(physical(kernel_end)), 0};
    for (;;) {
        room.end = room.start + nbytes;
        if (room.end > ram->end)
            return FRAME_NONE;
        paddr_t next = reserved_until(room, reserved, n);
        if (next == 0)
            return room.start;
        room.start = next;
    }
}

/* Free what is not reserved, in stretches as long as they come. Firmware lies below the kernel in
 * the same range of RAM: nothing below the image is freed. */
static void release_ram(struct range ram, const struct range *reserved, size_t n) {
    paddr_t start = ram.start;
    for (paddr_t at = ram.start; at < ram.end;) {
        paddr_t until = reserved_until((struct range){at, at + PAGE_SIZE}, reserved, n);
        if (until == 0) {
            at += PAGE_SIZE;
            continue;
        }
        frame_release(start, at);
        start = at = until;
    }
    if (start < ram.end)
        frame_release(start, ram.end);
}

int paging_init_frames(const struct machine *machine) {
    struct range reserved[4];
    size_t n = reserved_ranges(machine, reserved);
    struct range all = machine->ram[0];
    for (size_t i = 1; i < machine->nram; i++) {
        all.start = min_u64(all.start, machine->ram[i].start);
        all.end = max_u64(all.end, machine->ram[i].end);
    }
    size_t nbytes = page_round_up(frame_table_bytes(all.start, all.end));
    paddr_t table = FRAME_NONE;
    for (size_t i = 0; i < machine->nram && table == FRAME_NONE; i++)
        if (machine->ram[i].start <= reserved[0].start && reserved[0].start < machine->ram[i].end)
            table = find_room(&machine->ram[i], nbytes, reserved, n);
    if (table == FRAME_NONE)
        return -ENOMEM;
    reserved[n++] = (struct range){table, table + nbytes};
    frame_init(all.start, all.end, frame_address(table));
    for (size_t i = 0; i < machine->nram; i++) {
        struct range ram = machine->ram[i];
        frame_add_ram(ram.start, ram.end);
        ram.start = max_u64(ram.start, reserved[0].start);
        release_ram(ram, reserved, n);
    }
    frame_init_zero();
    return 0;
}

/* ---- The kernel's map ---- */

static paddr_t kernel_table(void) {
    paddr_t table = frame_alloc_zeroed();
    if (table == FRAME_NONE)
        panic("out of memory for the kernel's page table: the machine has too little RAM");
    frame_hold(table);
    return table;
}

/* The entry for `va` at `level` of the kernel's table; tables above it are made. */
static pte_t *kernel_entry(vaddr_t va, int level) {
    paddr_t table = kernel_root;
    for (int above = PT_LEVELS - 1; above > level; above--) {
        pte_t *entry =
            (pte_t *)frame_address(table) + (va >> (PAGE_SHIFT + 9 * above) & (PT_ENTRIES - 1));
        if (!pte_present(*entry))
            *entry = pte_make(kernel_table(), PTE_VALID);
        assert(!pte_leaf(*entry));
        table = pte_frame(*entry);
    }
    return (pte_t *)frame_address(table) + (va >> (PAGE_SHIFT + 9 * level) & (PT_ENTRIES - 1));
}

/* Map [start, end) of physical memory with the largest pages that fit. */
static void kernel_map(paddr_t start, paddr_t end, pte_t rights) {
    pte_t bits = rights | PTE_VALID | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY;
    while (start < end) {
        int level = PT_LEVELS - 1;
        while (level > 0 &&
               (start % (PAGE_SIZE << 9 * level) != 0 || end - start < PAGE_SIZE << 9 * level))
            level--;
        *kernel_entry(start + KERNEL_OFFSET, level) = pte_make(start, bits);
        start += PAGE_SIZE << 9 * level;
    }
}

static void kernel_map_image(void) {
    kernel_map(physical(kernel_start), physical(kernel_text_end), RIGHTS_TEXT);
    kernel_map(physical(kernel_text_end), physical(kernel_rodata_end), RIGHTS_CONSTANTS);
    kernel_map(physical(kernel_rodata_end), physical(kernel_stacks), RIGHTS_DATA);
    assert(kernel_stacks_end == kernel_stack_top(HARTS_MAX - 1));
    for (uint32_t hart = 0; hart < HARTS_MAX; hart++) {
        paddr_t top = physical(kernel_stack_top(hart));
        kernel_map(top - KERNEL_STACK_BYTES, top, RIGHTS_DATA);
    }
    kernel_map(physical(kernel_stacks_end), physical(symbols_start), RIGHTS_DATA);
    kernel_map(physical(symbols_start), physical(kernel_end), RIGHTS_CONSTANTS);
}

/* RAM outside the image. What lies below it is the firmware's. */
static void kernel_map_ram(struct range ram) {
    if (ram.start < physical(kernel_end) && physical(kernel_start) < ram.end)
        ram.start = physical(kernel_end);
    kernel_map(page_round_up(ram.start), page_round_down(ram.end), RIGHTS_DATA);
}

void paging_init_kernel(const struct machine *machine) {
    kernel_root = kernel_table();
    kernel_map_image();
    for (size_t i = 0; i < machine->nram; i++)
        kernel_map_ram(machine->ram[i]);
    if (machine->test_device)
        kernel_map(machine->test_device, machine->test_device + PAGE_SIZE, RIGHTS_DATA);
    kernel_map(machine->plic.start, machine->plic.end, RIGHTS_DATA);
    const pte_t *root = frame_address(kernel_root);
    for (size_t i = 0; i < PT_ENTRIES / 2; i++)
        if (pte_present(root[KERNEL_ENTRY_FIRST + i]))
            kernel_entries = i + 1;
    paging_load_kernel();
}

void paging_load_kernel(void) {
    csr_write(satp, SATP_MODE_SV39 | kernel_root >> PAGE_SHIFT);
    __asm__ volatile("sfence.vma" ::: "memory");
}

/* ---- mm/pt.h ---- */

void pt_copy_kernel_half(pte_t *root) {
    const pte_t *kernel = frame_address(kernel_root);
    for (size_t i = 0; i < kernel_entries; i++)
        root[KERNEL_ENTRY_FIRST + i] = kernel[KERNEL_ENTRY_FIRST + i];
}

void pt_clear_kernel_half(pte_t *root) {
    for (size_t i = 0; i < kernel_entries; i++)
        root[KERNEL_ENTRY_FIRST + i] = 0;
}

void pt_load(struct page_table *last, struct page_table *next, uint32_t hart) {
    uint64_t bit = (uint64_t)1 << hart;
    paddr_t root = next ? next->root : kernel_root;
    /* The bit first: from here on whoever changes an entry of `next` fences this hart too. */
    if (next)
        atomic_fetch_or_explicit(&next->harts, bit, memory_order_seq_cst);
    csr_write(satp, SATP_MODE_SV39 | root >> PAGE_SHIFT);
    __asm__ volatile("sfence.vma" ::: "memory");
    if (next)
        pt_text_enter(next, bit);
    if (last)
        atomic_fetch_and_explicit(&last->harts, ~bit, memory_order_release);
}

void pt_fence_text(uint64_t harts) {
    uint64_t own = (uint64_t)1 << hart_index();
    atomic_thread_fence(memory_order_seq_cst); /* the text is in memory before anybody fetches it */
    if (harts & ~own)
        hart_fence_text_others(harts);
    if (harts & own)
        __asm__ volatile("fence.i" ::: "memory");
}

#define FENCE_PAGES_MAX 32 /* from here on one fence of all is cheaper than one a page */

void pt_fence(struct page_table *pt, vaddr_t va, size_t npages) {
    /* The changed entries must be seen before we look who has the table loaded: a hart that is not
     * seen in `harts` sets its bit later than this, and so walks the entries as they are now. */
    atomic_thread_fence(memory_order_seq_cst);
    uint64_t harts = atomic_load_explicit(&pt->harts, memory_order_relaxed);
    uint64_t own = (uint64_t)1 << hart_index();
    if (harts & ~own)
        hart_fence_others(harts, va, npages * PAGE_SIZE);
    if (!(harts & own))
        return; /* loading it will fence */
    if (npages > FENCE_PAGES_MAX) {
        __asm__ volatile("sfence.vma" ::: "memory");
        return;
    }
    for (size_t i = 0; i < npages; i++)
        __asm__ volatile("sfence.vma %0, zero" ::"r"(va + i * PAGE_SIZE) : "memory");
}
