/* Physical frames: allocate, count references, free.
 *
 * The one idea: a table with a few bytes for each frame holds its count and, while it is free, the
 * link of a free list. So a free frame's own bytes are left alone: a frame that was freed as all
 * zeros still is, and a poisoned one can be checked when it is handed out again.
 *
 * A frame is on a free list exactly when its count is 0. Not responsible for: who maps a frame. */
#include "mm/pmm.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/lock.h"
#include "lib/string.h"
#include "mm/pt.h"

#define NO_FRAME UINT32_MAX
#define HELD (UINT32_MAX - 1) /* in `next`: the kernel's for good */

struct free_list {
    uint32_t first;
    size_t length;
};

uintptr_t frame_entries;
static paddr_t range_start;
static paddr_t range_end;
static size_t ram_frames;
static size_t held_frames; /* of them, the kernel's for good */

static struct lock free_lock = LOCK_INIT("free frames", LOCK_RANK_FRAMES);
static struct free_list fresh;  /* never handed out: contents are what the machine left */
static struct free_list used;   /* put by somebody: contents unknown (debug: poison) */
static struct free_list zeroed; /* all zeros */

paddr_t zero_frame;

#ifdef BYRE_DEBUG
#define POISON UINT64_C(0x6b6b6b6b6b6b6b6b)

static size_t allocations_left = SIZE_MAX;

void frame_fail_after(size_t n) { allocations_left = n; }

static bool frame_may_allocate(void) {
    if (allocations_left == SIZE_MAX)
        return true;
    return allocations_left > 0 && allocations_left-- > 0;
}

static void frame_poison(paddr_t frame) { memset(frame_address(frame), 0x6b, PAGE_SIZE); }

/* A free frame that changed was written through a stale translation or after its last put. */
static void frame_check_filled(paddr_t frame, uint64_t expected) {
    const uint64_t *words = frame_address(frame);
    for (size_t i = 0; i < PAGE_SIZE / sizeof *words; i++)
        if (words[i] != expected)
            panic("frame %#lx was written while free: word %zu is %#lx, not %#lx",
                  (unsigned long)frame, i, (unsigned long)words[i], (unsigned long)expected);
}
#else
#define POISON UINT64_C(0)
static bool frame_may_allocate(void) { return true; }
static void frame_poison(paddr_t frame) { (void)frame; }
static void frame_check_filled(paddr_t frame, uint64_t expected) { (void)frame, (void)expected; }
#endif

static uint32_t frame_index(paddr_t frame) {
    return (uint32_t)((frame - range_start) >> PAGE_SHIFT);
}

static paddr_t frame_at(uint32_t index) { return range_start + ((paddr_t)index << PAGE_SHIFT); }

size_t frame_table_bytes(paddr_t start, paddr_t end) {
    return ((end - start) >> PAGE_SHIFT) * sizeof(struct frame);
}

void frame_init(paddr_t start, paddr_t end, void *table) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0 && start < end);
    assert((end - start) >> PAGE_SHIFT < HELD);
    range_start = start;
    range_end = end;
    frame_entries = (uintptr_t)table - (start >> PAGE_SHIFT) * sizeof(struct frame);
    ram_frames = held_frames = 0;
    fresh = used = zeroed = (struct free_list){.first = NO_FRAME};
    struct frame *entries = table;
    for (size_t i = 0; i < (end - start) >> PAGE_SHIFT; i++)
        entries[i] = (struct frame){.count = 1, .next = HELD};
}

void frame_init_zero(void) {
    zero_frame = frame_alloc_zeroed();
    if (zero_frame == FRAME_NONE)
        panic("no memory for the zero frame: the machine has too little RAM");
    frame_hold(zero_frame);
}

void frame_add_ram(paddr_t start, paddr_t end) {
    assert(start >= range_start && end <= range_end && start <= end);
    ram_frames += (end - start) >> PAGE_SHIFT;
    held_frames += (end - start) >> PAGE_SHIFT;
}

/* => free_lock held; the frame's count is 0 */
static void free_list_push_locked(struct free_list *list, paddr_t frame) {
    frame_entry(frame)->next = list->first;
    list->first = frame_index(frame);
    list->length++;
}

static void free_list_push(struct free_list *list, paddr_t frame) {
    lock_acquire(&free_lock);
    free_list_push_locked(list, frame);
    lock_release(&free_lock);
}

/* => free_lock held; the list is not empty; the frame's count is still 0 */
static paddr_t free_list_pop_locked(struct free_list *list) {
    paddr_t frame = frame_at(list->first);
    list->first = frame_entry(frame)->next;
    frame_entry(frame)->next = NO_FRAME;
    list->length--;
    return frame;
}

/* What a frame from `list` holds, when debug builds can know it. */
static void frame_check_free(paddr_t frame, const struct free_list *list) {
    if (list == &used)
        frame_check_filled(frame, POISON);
    if (list == &zeroed)
        frame_check_filled(frame, 0);
    assert(frame_count(frame) == 0);
}

/* A frame of the first of the three lists that has one; its count becomes 1. */
static paddr_t frame_take(struct free_list *const order[3], struct free_list **from) {
    paddr_t frame = FRAME_NONE;
    lock_acquire(&free_lock);
    *from = order[0]->length > 0 ? order[0] : order[1]->length > 0 ? order[1] : order[2];
    if ((*from)->length > 0 && frame_may_allocate())
        frame = free_list_pop_locked(*from);
    lock_release(&free_lock);
    if (frame == FRAME_NONE)
        return FRAME_NONE;
    frame_check_free(frame, *from);
    frame_entry(frame)->count = 1; /* nobody else can know the frame */
    return frame;
}

paddr_t frame_alloc(void) {
    static struct free_list *const order[3] = {&used, &fresh, &zeroed};
    struct free_list *from;
    return frame_take(order, &from);
}

paddr_t frame_alloc_zeroed(void) {
    static struct free_list *const order[3] = {&zeroed, &used, &fresh};
    struct free_list *from;
    paddr_t frame = frame_take(order, &from);
    if (frame != FRAME_NONE && from != &zeroed)
        memset(frame_address(frame), 0, PAGE_SIZE);
    return frame;
}

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
    frame_poison(frame);
    free_list_push(&used, frame);
}

void frame_put_zeroed(paddr_t frame) {
    int64_t before = count_add_ordered(&frame_entry(frame)->count, -1);
    assert(before >= 1);
    if (before == 1)
        free_list_push(&zeroed, frame);
}

bool frame_is_counted(paddr_t address) { return address >= range_start && address < range_end; }

void frame_release(paddr_t start, paddr_t end) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0);
    held_frames -= (end - start) >> PAGE_SHIFT;
    lock_acquire(&free_lock);
    for (paddr_t frame = end; frame > start; frame -= PAGE_SIZE) {
        int64_t before = count_add(&frame_entry(frame - PAGE_SIZE)->count, -1);
        assert(before == 1);
        free_list_push_locked(&fresh, frame - PAGE_SIZE);
    }
    lock_release(&free_lock);
}

bool frame_zero_ahead(size_t limit) {
    struct free_list *list = used.length > 0 ? &used : &fresh;
    paddr_t frame = FRAME_NONE;
    lock_acquire(&free_lock);
    if (list->length > 0 && zeroed.length < limit)
        frame = free_list_pop_locked(list);
    lock_release(&free_lock);
    if (frame == FRAME_NONE)
        return false;
    frame_check_free(frame, list);
    memset(frame_address(frame), 0, PAGE_SIZE);
    free_list_push(&zeroed, frame);
    return true;
}

void frame_hold(paddr_t frame) {
    frame_entry(frame)->next = HELD;
    held_frames++;
}

void frame_let_go(paddr_t frame) {
    frame_entry(frame)->next = NO_FRAME;
    held_frames--;
    frame_put(frame);
}

#ifdef BYRE_DEBUG
bool frame_is_held(paddr_t frame) { return frame_entry(frame)->next == HELD; }
uint32_t *frame_expected(paddr_t frame) { return &frame_entry(frame)->expected; }
#endif

size_t frame_free_count(void) { return fresh.length + used.length + zeroed.length; }
size_t frame_held_count(void) { return held_frames; }
size_t frame_total_count(void) { return ram_frames; }
paddr_t frame_range_start(void) { return range_start; }
paddr_t frame_range_end(void) { return range_end; }
