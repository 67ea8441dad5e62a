/* The format of a Sv39 page-table entry, and its named accessors (Privileged, 4.3.1 and 4.4).
 *
 *   63 62  61 60      54 53                                 10 9   8    7 6 5 4 3 2 1 0
 *  +--+------+----------+--------------------------------------+--+----+-+-+-+-+-+-+-+-+
 *  |N | PBMT | reserved |            frame number              |  |COW |D|A|G|U|X|W|R|V|
 *  +--+------+----------+--------------------------------------+--+----+-+-+-+-+-+-+-+-+
 *
 * V: valid. R, W, X: the rights. U: user mode may use it. G: the same in every address space.
 * A: accessed, D: dirty. The hardware ignores bits 8 and 9, and bit 8 is Byre's COW mark. An entry
 * with V and none of R, W, X points to the next table. A and D are set when a leaf is made, since
 * a machine may trap on a clear one instead of setting it, and nothing here asks for them. */
#pragma once

#include "lib/abi.h"
#include "lib/types.h"

typedef uint64_t pte_t;

#define PTE_VALID ((pte_t)1 << 0)
#define PTE_READ ((pte_t)1 << 1)
#define PTE_WRITE ((pte_t)1 << 2)
#define PTE_EXECUTE ((pte_t)1 << 3)
#define PTE_USER ((pte_t)1 << 4)
#define PTE_GLOBAL ((pte_t)1 << 5)
#define PTE_ACCESSED ((pte_t)1 << 6)
#define PTE_DIRTY ((pte_t)1 << 7)
#define PTE_COW ((pte_t)1 << 8)

#define PTE_RIGHTS (PTE_READ | PTE_WRITE | PTE_EXECUTE)
#define PTE_FRAME_SHIFT 10

#define PT_LEVELS 3
#define PT_ENTRIES ((size_t)512)
#define PT_LEAF_TABLE_BYTES ((uint64_t)PT_ENTRIES << PAGE_SHIFT) /* what one leaf table maps */

/* MAP_READ, MAP_WRITE and MAP_EXEC stand in the order of R, W and X: a shift translates. */
_Static_assert(MAP_READ << 1 == 2 && MAP_WRITE << 1 == 4 && MAP_EXEC << 1 == 8, "rights by shift");

static inline pte_t pte_rights(uint32_t rights) { return (pte_t)(rights & MAP_RIGHTS) << 1; }

/* The flags of a user leaf that allows exactly these rights (MAP_*). */
static inline pte_t pte_flags(uint32_t rights) {
    return pte_rights(rights) | PTE_DIRTY | PTE_ACCESSED | PTE_USER | PTE_VALID;
}

/* The flags of a user leaf for a page that may have other owners. The right to write is gone. The
 * COW mark says that the region has it (`rights`): a store is resolved and is not an error. */
static inline pte_t pte_cow_flags(uint32_t rights) {
    pte_t cow = (rights & MAP_WRITE) ? PTE_COW : 0;
    return pte_flags(rights & ~(uint32_t)MAP_WRITE) | cow;
}

/* The entry that maps a frame with these flags. */
static inline pte_t pte_make(paddr_t frame, pte_t flags) {
    return (frame >> PAGE_SHIFT) << PTE_FRAME_SHIFT | flags;
}

/* The frame that an entry leads to. Bits 54 and up are 0 in every entry that is made here; to know
 * it saves the compiler a mask. */
static inline paddr_t pte_frame(pte_t pte) {
    if (pte >> 54 != 0)
        __builtin_unreachable();
    return pte >> PTE_FRAME_SHIFT << PAGE_SHIFT;
}

static inline bool pte_present(pte_t pte) { return (pte & PTE_VALID) != 0; }
static inline bool pte_writable(pte_t pte) { return (pte & PTE_WRITE) != 0; }
static inline bool pte_cow(pte_t pte) { return (pte & PTE_COW) != 0; }
static inline bool pte_leaf(pte_t pte) { return pte_present(pte) && (pte & PTE_RIGHTS) != 0; }
