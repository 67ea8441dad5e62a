/* Physical frames: how many refer to each.
 *
 * The one idea: a table has a count for each frame, and a frame is free when, and as soon as, its
 * count is 0. Then it is on a free list (freelist.c), else it is on none.
 *
 * Counting one up and one down is in line, in pmm.h. Here is what is rare: the ends of the range,
 * the start, and what the kernel holds. Not responsible for: who maps a frame. */
#include "mm/pmm.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/freelist.h"
#include "mm/pt.h"

#define HELD UINT32_MAX /* in `next` of a frame that the kernel holds: it is on no list */

uintptr_t frame_entries;
paddr_t zero_frame;

static struct range counted;
static size_t ram_frames;
static size_t held_frames; /* of them, the kernel's */

/* ---- Allocate ---- */

#ifdef BYRE_DEBUG
static size_t allocations_left = SIZE_MAX;

void frame_fail_after(size_t n) { allocations_left = n; }

static bool may_allocate(void) {
    if (allocations_left == SIZE_MAX)
        return true;
    return allocations_left > 0 && allocations_left-- > 0;
}
#else
static bool may_allocate(void) { return true; }
#endif

static paddr_t alloc(enum contents wanted, enum contents *found) {
    paddr_t frame = may_allocate() ? freelist_pop(wanted, found) : FRAME_NONE;
    if (frame == FRAME_NONE)
        return FRAME_NONE;
    debug_assert(frame_count(frame) == 0);
    *frame_entry(frame) = (struct frame){.count = 1}; /* nobody else can know the frame */
    return frame;
}

paddr_t frame_alloc(void) {
    enum contents found;
    return alloc(USED, &found);
}

paddr_t frame_alloc_zeroed(void) {
    enum contents found;
    paddr_t frame = alloc(ZEROED, &found);
    if (frame != FRAME_NONE && found != ZEROED)
        memset(frame_address(frame), 0, PAGE_SIZE);
    return frame;
}

/* ---- The ends of a count ---- */

int frame_get_refused(struct frame *entry) {
    int64_t now = count_add(&entry->count, -1);
    assert(now != 1); /* else the frame was free */
    return -EOVERFLOW;
}

void frame_free(paddr_t frame, int64_t before) {
    /* Below 0: one more than the largest number, the most that frame_get grants. */
    if (before < 0)
        return;
    assert(before == 1);
    freelist_push(frame, USED);
}

void frame_put_zeroed(paddr_t frame) {
    int64_t before = count_add_ordered(&frame_entry(frame)->count, -1);
    assert(before >= 1);
    if (before == 1)
        freelist_push(frame, ZEROED);
}

/* ---- The start ---- */

size_t frame_table_bytes(paddr_t start, paddr_t end) {
    return ((end - start) >> PAGE_SHIFT) * sizeof(struct frame);
}

void frame_init(paddr_t start, paddr_t end, void *table) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0 && start < end);
    assert(end >> PAGE_SHIFT < HELD);
    counted = (struct range){start, end};
    frame_entries = (uintptr_t)table - (start >> PAGE_SHIFT) * sizeof(struct frame);
    ram_frames = held_frames = 0;
    freelist_init();
    struct frame *entries = table;
    for (size_t i = 0; i < (end - start) >> PAGE_SHIFT; i++)
        entries[i] = (struct frame){.count = 1, .next = HELD};
}

void frame_add_ram(paddr_t start, paddr_t end) {
    assert(start >= counted.start && end <= counted.end && start <= end);
    ram_frames += (end - start) >> PAGE_SHIFT;
    held_frames += (end - start) >> PAGE_SHIFT;
}

void frame_release(paddr_t start, paddr_t end) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0);
    held_frames -= (end - start) >> PAGE_SHIFT;
    for (paddr_t frame = start; frame < end; frame += PAGE_SIZE) {
        assert(frame_is_held(frame) && frame_count(frame) == 1);
        frame_entry(frame)->count = 0;
    }
    freelist_add_fresh(start, end);
}

void frame_init_zero(void) {
    zero_frame = frame_alloc_zeroed();
    if (zero_frame == FRAME_NONE)
        panic("out of memory for the zero frame: the machine has too little RAM");
    frame_hold(zero_frame);
}

/* ---- What the kernel holds ---- */

void frame_hold(paddr_t frame) {
    frame_entry(frame)->next = HELD;
    held_frames++;
}

void frame_unhold(paddr_t frame) {
    frame_entry(frame)->next = 0;
    held_frames--;
    frame_put(frame);
}

bool frame_is_held(paddr_t frame) { return frame_entry(frame)->next == HELD; }

/* ---- Sums ---- */

bool frame_is_counted(paddr_t address) { return address >= counted.start && address < counted.end; }

size_t frame_free_count(void) { return freelist_count(); }
size_t frame_held_count(void) { return held_frames; }
size_t frame_total_count(void) { return ram_frames; }
struct range frame_range(void) {
    return counted;
}
