/* Free frames: lists for each hart, and global ones behind them.
 *
 * The one idea: a hart takes frames from its own lists and puts them there, so harts that allocate
 * at the same time do not wait for each other. Batches go between these and the global lists, and
 * when memory is short a hart steals from the others.
 *
 * The links stand in the table of frames, not in the frames. So a free frame's bytes are left
 * alone: one that was freed as zeros still is, and a poisoned one is checked when it is needed. */
#include "mm/freelist.h"

#include "lib/assert.h"
#include "lib/lock.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/pt.h"

#define BATCH 32               /* frames that go to or from the global lists at a time */
#define LENGTH_MAX (2 * BATCH) /* of one list of a hart */

struct free_list {
    uint32_t first; /* a frame's number: its address in pages; 0 ends a list, as FRAME_NONE does */
    uint32_t length;
};

struct free_lists {
    struct lock lock;
    struct free_list list[CONTENTS];
} __attribute__((aligned(64))); /* a cache line: harts do not disturb each other */

static struct free_lists global;
static struct free_list fresh; /* guarded by the global lock; starting the kernel touches none */
static size_t nzeroing;        /* frames that idle harts zero now; guarded by the global lock */
static struct free_lists harts[HARTS_MAX];

/* ---- One list ---- */

static void push_locked(struct free_list *list, paddr_t frame) {
    frame_entry(frame)->next = list->first;
    list->first = (uint32_t)(frame >> PAGE_SHIFT);
    list->length++;
}

/* needs: the list is not empty */
static paddr_t pop_locked(struct free_list *list) {
    paddr_t frame = (paddr_t)list->first << PAGE_SHIFT;
    list->first = frame_entry(frame)->next;
    list->length--;
    return frame;
}

static void move_locked(struct free_list *from, struct free_list *to, size_t n) {
    for (; n > 0 && from->length > 0; n--)
        push_locked(to, pop_locked(from));
}

/* ---- What free frames hold ---- */

#ifdef BYRE_DEBUG
#define POISON UINT64_C(0x6b6b6b6b6b6b6b6b)

static void poison(paddr_t frame) { memset(frame_address(frame), POISON & 0xff, PAGE_SIZE); }

/* A free frame that changed was written through a stale translation, or after its last put. */
static void check_contents(paddr_t frame, enum contents contents) {
    const uint64_t *words = frame_address(frame), expected = contents == ZEROED ? 0 : POISON;
    for (size_t i = 0; i < PAGE_SIZE / sizeof *words; i++)
        if (words[i] != expected)
            panic("frame %#lx was written while free: word %zu is %#lx, not %#lx",
                  (unsigned long)frame, i, (unsigned long)words[i], (unsigned long)expected);
}
#else
static void poison(paddr_t frame) { (void)frame; }
static void check_contents(paddr_t frame, enum contents contents) { (void)frame, (void)contents; }
#endif

/* ---- Between a hart and the global lists ---- */

/* Move up to n frames that nobody has used yet. Their bytes are unknown, like those of used ones.
 */
static void move_fresh_locked(struct free_list *to, size_t n) {
    for (; n > 0 && fresh.length > 0; n--) {
        paddr_t frame = pop_locked(&fresh);
        poison(frame);
        push_locked(to, frame);
    }
}

/* needs: the hart's lists are locked */
static void refill_locked(struct free_list *list, enum contents contents) {
    lock_acquire(&global.lock);
    move_locked(&global.list[contents], list, BATCH);
    if (contents == USED && list->length == 0)
        move_fresh_locked(list, BATCH);
    lock_release(&global.lock);
}

/* Is there anything to refill from? Asked without the lock: what is put now counts as put later. */
static bool global_has(enum contents contents) {
    return global.list[contents].length > 0 || (contents == USED && fresh.length > 0);
}

/* A frame of this hart or of the global lists, or FRAME_NONE. needs: own locked */
static paddr_t pop_or_refill_locked(struct free_lists *own, enum contents contents) {
    struct free_list *list = &own->list[contents];
    if (list->length == 0 && global_has(contents))
        refill_locked(list, contents);
    return list->length > 0 ? pop_locked(list) : FRAME_NONE;
}

/* Memory is short: what other harts keep is needed. One lock at a time. */
static paddr_t steal(enum contents *found) {
    paddr_t frame = FRAME_NONE;
    for (size_t i = 0; i < HARTS_MAX && frame == FRAME_NONE; i++) {
        struct free_list *list = harts[i].list;
        lock_acquire(&harts[i].lock);
        *found = list[USED].length > 0 ? USED : ZEROED;
        if (list[*found].length > 0)
            frame = pop_locked(&list[*found]);
        lock_release(&harts[i].lock);
    }
    return frame;
}

/* ---- The interface ---- */

static void lists_init(struct free_lists *lists, const char *name, enum lock_rank rank) {
    *lists = (struct free_lists){0};
    lock_init(&lists->lock, name, rank);
}

void freelist_init(void) {
    fresh = (struct free_list){0};
    lists_init(&global, "global free lists", LOCK_RANK_GLOBAL_FREE_LISTS);
    for (size_t i = 0; i < HARTS_MAX; i++)
        lists_init(&harts[i], "hart's free lists", LOCK_RANK_HART_FREE_LISTS);
}

void freelist_add_fresh(paddr_t start, paddr_t end) {
    lock_acquire(&global.lock);
    for (paddr_t frame = end; frame > start; frame -= PAGE_SIZE)
        push_locked(&fresh, frame - PAGE_SIZE);
    lock_release(&global.lock);
}

void freelist_push(paddr_t frame, enum contents contents) {
    struct free_lists *own = &harts[hart_index()];
    struct free_list *list = &own->list[contents];
    if (contents == USED)
        poison(frame);
    lock_acquire(&own->lock);
    push_locked(list, frame);
    if (list->length >= LENGTH_MAX) {
        lock_acquire(&global.lock);
        move_locked(list, &global.list[contents], BATCH);
        lock_release(&global.lock);
    }
    lock_release(&own->lock);
}

paddr_t freelist_pop(enum contents wanted, enum contents *found) {
    struct free_lists *own = &harts[hart_index()];
    lock_acquire(&own->lock);
    *found = wanted;
    paddr_t frame = pop_or_refill_locked(own, wanted);
    if (frame == FRAME_NONE) {
        *found = wanted == USED ? ZEROED : USED;
        frame = pop_or_refill_locked(own, *found);
    }
    lock_release(&own->lock);
    if (frame == FRAME_NONE)
        frame = steal(found);
    if (frame != FRAME_NONE)
        check_contents(frame, *found);
    return frame;
}

bool frame_zero_ahead(size_t limit) {
    paddr_t frame = FRAME_NONE;
    lock_acquire(&global.lock);
    if (global.list[USED].length == 0)
        move_fresh_locked(&global.list[USED], 1);
    if (global.list[USED].length > 0 && global.list[ZEROED].length < limit)
        frame = pop_locked(&global.list[USED]);
    nzeroing += frame != FRAME_NONE;
    lock_release(&global.lock);
    if (frame == FRAME_NONE)
        return false;
    check_contents(frame, USED);
    memset(frame_address(frame), 0, PAGE_SIZE); /* on no list meanwhile, and no lock is held */
    lock_acquire(&global.lock);
    push_locked(&global.list[ZEROED], frame);
    nzeroing--;
    lock_release(&global.lock);
    return true;
}

static size_t lists_count(const struct free_lists *lists) {
    return (size_t)lists->list[USED].length + lists->list[ZEROED].length;
}

size_t freelist_count(void) {
    lock_acquire(&global.lock);
    size_t n = fresh.length + lists_count(&global) + nzeroing;
    lock_release(&global.lock);
    for (size_t i = 0; i < HARTS_MAX; i++)
        n += lists_count(&harts[i]);
    return n;
}
