/* The format of a Sv39 page-table entry, and its named accessors (Privileged, 4.3.1 and 4.4).
 *
 *   63 62  61 60      54 53                                 10 9   8    7 6 5 4 3 2 1 0
 *  +--+------+----------+--------------------------------------+--+----+-+-+-+-+-+-+-+-+
 *  |N | PBMT | reserved |            frame number              |  |mark|D|A|G|U|X|W|R|V|
 *  +--+------+----------+--------------------------------------+--+----+-+-+-+-+-+-+-+-+
 *
 * V valid, R W X rights, U user mode may, G in every address space, A accessed, D dirty. The
 * hardware ignores bits 8 and 9; bit 8 is Byre's copy-on-write mark. An entry with V and none of
 * R W X points to the next table. A and D are set by us when a leaf is made: a machine may trap
 * on a clear one instead of setting it. Pure arithmetic: the host suite compiles it too. */
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
#define PTE_FLAGS (((pte_t)1 << PTE_FRAME_SHIFT) - 1)

#define PT_LEVELS 3
#define PT_ENTRIES ((size_t)512)
#define PT_LEAF_TABLE_BYTES ((uint64_t)PT_ENTRIES << PAGE_SHIFT) /* what one leaf table maps */

/* MAP_READ, MAP_WRITE and MAP_EXEC stand in the order of R, W and X: a shift translates. */
_Static_assert(MAP_READ << 1 == 2 && MAP_WRITE << 1 == 4 && MAP_EXEC << 1 == 8, "rights by shift");

static inline pte_t pte_rights(uint32_t rights) { return (pte_t)(rights & MAP_RIGHTS) << 1; }

/* A user leaf with exactly these rights (MAP_*), unmarked. */
static inline pte_t pte_make(paddr_t frame, uint32_t rights) {
    pte_t dirty = (rights & MAP_WRITE) ? PTE_DIRTY : 0;
    return (frame >> PAGE_SHIFT) << PTE_FRAME_SHIFT | pte_rights(rights) | dirty | PTE_ACCESSED |
           PTE_USER | PTE_VALID;
}

/* Bits 54 and up are 0 in every entry that we make; knowing it saves the compiler a mask. */
static inline paddr_t pte_frame(pte_t pte) {
    if (pte >> 54 != 0)
        __builtin_unreachable();
    return pte >> PTE_FRAME_SHIFT << PAGE_SHIFT;
}

/* The same frame with other flags. */
static inline pte_t pte_with_flags(pte_t pte, pte_t flags) { return (pte & ~PTE_FLAGS) | flags; }

static inline bool pte_present(pte_t pte) { return (pte & PTE_VALID) != 0; }
static inline bool pte_writable(pte_t pte) { return (pte & PTE_WRITE) != 0; }
static inline bool pte_marked(pte_t pte) { return (pte & PTE_COW) != 0; }
static inline bool pte_leaf(pte_t pte) { return pte_present(pte) && (pte & PTE_RIGHTS) != 0; }
