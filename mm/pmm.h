/* Physical frames: allocate, count references, free.
 *
 * A frame is 4 KiB of RAM, named by its physical address. It has one 32-bit count: the page-table
 * entries that map it, plus what the kernel holds of it. A frame is free when, and as soon as, its
 * count is 0. Nothing here knows of page tables. All calls are safe on all harts at once.
 *
 * The chapter is docs/frames.md. */
#pragma once

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/types.h"
#include "machine_inline.h"

/* Not a frame: the answer when memory is full. */
#define FRAME_NONE ((paddr_t)0)

/* The one frame of zeros that untouched pages show to readers. It is never writable anywhere. The
 * kernel holds it too, so its count is above 1 as soon as one page maps it. */
extern paddr_t zero_frame;

/* ---- References ---- */

/* A frame that nobody else has.
 * returns: the frame, its count is 1; frame_alloc_zeroed: all its bytes are 0
 * on failure: FRAME_NONE */
paddr_t frame_alloc(void);
paddr_t frame_alloc_zeroed(void);

/* One more reference.
 * needs:   the caller has a reference, or keeps somebody else's from being put
 * on failure: -EOVERFLOW: the count is at its end, nothing changed */
must_check static inline int frame_get(paddr_t frame);

/* Give a reference back. The last one frees the frame.
 * needs:   the reference is the caller's, and no hart has a translation made from it: fence first
 */
static inline void frame_put(paddr_t frame);

/* As frame_put, for a frame whose bytes are all 0 again (a page table): frame_alloc_zeroed will
 * have it without clearing it. */
void frame_put_zeroed(paddr_t frame);

/* The count as it is now. Others may change it at once; mm/cow.c says when they cannot. */
static inline uint32_t frame_count(paddr_t frame);

/* ---- The start ---- */

/* Begin to count the frames of [start, end). The kernel holds all of them.
 * needs:   once, before any other call; start and end page-aligned; at `table` are
 *          frame_table_bytes(start, end) bytes, which may lie in the range or elsewhere */
void frame_init(paddr_t start, paddr_t end, void *table);
size_t frame_table_bytes(paddr_t start, paddr_t end);

/* Say that [start, end), within the range of frame_init, is RAM. */
void frame_add_ram(paddr_t start, paddr_t end);

/* Free the frames of [start, end), which the kernel has held since frame_init. */
void frame_release(paddr_t start, paddr_t end);

/* Make the zero frame. Panics when no frame is free, since nothing can run then. */
void frame_init_zero(void);

/* ---- What the kernel keeps: its own page tables and stacks ---- */

/* The caller's reference to the frame is the kernel's now, and ends with frame_unhold. */
void frame_hold(paddr_t frame);
void frame_unhold(paddr_t frame);
bool frame_is_held(paddr_t frame);

/* ---- Idle time ---- */

/* Clear one free frame ahead, for frame_alloc_zeroed, while fewer than `limit` are.
 * returns: true when there is more to do */
bool frame_zero_ahead(size_t limit);

/* ---- Sums: exact while nobody else is at work ---- */

size_t frame_free_count(void);
size_t frame_held_count(void);
size_t frame_total_count(void); /* of RAM */

/* What frame_init was given, and whether an address lies in it. Device memory does not. */
struct range frame_range(void);
bool frame_is_counted(paddr_t address);

#ifdef BYRE_DEBUG
/* Let n more allocations succeed, and then let each fail; SIZE_MAX: let all succeed again. */
void frame_fail_after(size_t n);
#endif

/* ---- In line: counting is most of what fork and exit do ---- */

struct frame {
    int32_t count; /* never below 0 but for a moment: one comparison finds both ends of its range */
    uint32_t next; /* while free: the next free frame (freelist.c); while held: a mark (pmm.c) */
#ifdef BYRE_DEBUG
    uint32_t expected; /* what audit counted */
#endif
};

/* Where the entry of the frame at physical address 0 would be. Constant since frame_init. */
extern uintptr_t frame_entries;

static inline struct frame *frame_entry(paddr_t frame) {
    debug_assert(frame_is_counted(frame));
    return (struct frame *)(read_constant(&frame_entries) +
                            (frame >> PAGE_SHIFT) * sizeof(struct frame));
}

/* The count cannot rise: it is at its end, or the frame is free, which is a bug. */
int frame_get_refused(struct frame *entry);

static inline int frame_get(paddr_t frame) {
    struct frame *entry = frame_entry(frame);
    /* Not ordered: the caller's own reference keeps the frame, so nothing is published here. */
    return count_add(&entry->count, 1) > 0 ? 0 : frame_get_refused(entry);
}

/* The count was 1 or, which is a bug, 0: the frame is nobody's now. */
void frame_free(paddr_t frame, int64_t before);

static inline void frame_put(paddr_t frame) {
    /* Ordered: our reads and writes of the frame come before the put, and whoever puts last, and
     * so frees, sees all of them done. */
    int64_t before = count_add_ordered(&frame_entry(frame)->count, -1);
    if (before <= 1)
        frame_free(frame, before);
}

static inline uint32_t frame_count(paddr_t frame) {
    return (uint32_t) * (const volatile int32_t *)&frame_entry(frame)->count;
}
