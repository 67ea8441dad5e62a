/* Physical frames: allocate, count references, free.
 *
 * A frame is 4 KiB of RAM, named by its physical address. It has one 32-bit count: the number
 * of page-table entries that map it, plus holds of the kernel. This file counts and knows
 * nothing of page tables. A frame is free when, and as soon as, its count is 0.
 *
 * The chapter is docs/frames.md. */
#pragma once

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/types.h"
#include "machine_inline.h"

/* Not a frame: the answer of an allocation when memory is full. */
#define FRAME_NONE ((paddr_t)0)

/* The one frame of zeros that untouched pages show to readers. It is never writable anywhere,
 * and the kernel's own hold keeps its count above 0. */
extern paddr_t zero_frame;

/* Start counting frames in [start, end), all of them held by the kernel (count 1).
 * => once, before any other call; start and end page-aligned
 * => table: memory for the counts, frame_table_bytes(start, end) bytes, zeroed or not, and
 *    itself inside the range or outside, as the caller likes */
void frame_init(paddr_t start, paddr_t end, void *table);
size_t frame_table_bytes(paddr_t start, paddr_t end);

/* Free the frames of [start, end), which the kernel has held since frame_init. */
void frame_release(paddr_t start, paddr_t end);

/* Make the zero frame. => after the first frames were released; panics when there are none,
 * since nothing can run then */
void frame_init_zero(void);

/* Tell that [start, end) is RAM (it counts in frames_total). => within the range of frame_init */
void frame_add_ram(paddr_t start, paddr_t end);

/* A frame with count 1, owned by the caller; FRAME_NONE when there is none.
 * frame_alloc: contents unspecified. frame_alloc_zeroed: all bytes 0. */
paddr_t frame_alloc(void);
paddr_t frame_alloc_zeroed(void);

/* One more reference to a frame that the caller has a reference to, or keeps from going away.
 * => 0, or -EOVERFLOW when the count is at its end: nothing changed */
must_check static inline int frame_get(paddr_t frame);

/* Drop a reference; the last one frees the frame. No translation made from the reference may
 * be left on any hart: fence first. */
static inline void frame_put(paddr_t frame);

/* As frame_put, for a caller that knows the frame to be all zeros again (page tables): when it
 * is the last reference, the frame is kept for frame_alloc_zeroed. */
void frame_put_zeroed(paddr_t frame);

/* The count now. Only stable while the caller keeps others from changing it; mm/cow.c says how. */
static inline uint32_t frame_count(paddr_t frame);

/* Is `address` in a frame that is counted? Device memory is not. */
bool frame_is_counted(paddr_t address);

/* Zero free frames ahead, at most `limit` of them. For idle harts.
 * => true when there is more to do */
bool frame_zero_ahead(size_t limit);

/* Frames free now, held by the kernel for good, in all. */
size_t frame_free_count(void);
size_t frame_held_count(void);
size_t frame_total_count(void);

/* The range that frame_init was given, for audit. */
paddr_t frame_range_start(void);
paddr_t frame_range_end(void);

/* Tell that the kernel keeps this frame for good, with one reference: its own page tables, stacks.
 */
void frame_hold(paddr_t frame);

/* The end of a frame_hold: the frame is free when nobody else refers to it. */
void frame_unhold(paddr_t frame);

#ifdef BYRE_DEBUG
/* Does the kernel hold it, since frame_init or by frame_hold? */
bool frame_is_held(paddr_t frame);

/* Room for audit to note how many references it found to the frame. */
uint32_t *frame_expected(paddr_t frame);

/* Let `n` more allocations succeed, then let each fail; SIZE_MAX: let all succeed again. */
void frame_fail_after(size_t n);
#endif

/* ---- In line: counting is most of what fork and exit do ---- */

struct frame {
    int32_t count; /* never below 0 but for a moment: one comparison finds both ends of its range */
    uint32_t next; /* pmm.c's own */
#ifdef BYRE_DEBUG
    uint32_t expected; /* audit's own count */
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
