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

#define BATCH 32               /* frames that go between a hart's cache and the store at a time */
#define CACHED_MAX (2 * BATCH) /* of one kind, in one cache */

/* What is known of a free frame's bytes. */
enum contents {
    USED,   /* unknown (debug: poison) */
    ZEROED, /* all zeros */
    CONTENTS,
};

struct free_list {
    uint32_t first; /* a frame's number: its address in pages */
    uint32_t length;
};

/* Free frames by their contents. A hart takes from its own pool and puts into it; batches go
 * between that and the store, which all share. Frames that were never handed out stay apart until
 * they are needed, so that starting the kernel touches none. */
struct pool {
    struct lock lock;
    struct free_list list[CONTENTS];
} __attribute__((aligned(64)));

uintptr_t frame_entries;
static paddr_t range_start;
static paddr_t range_end;
static size_t ram_frames;
static size_t held_frames; /* of them, the kernel's for good */

static struct pool store = {.lock = LOCK_INIT("store of frames", LOCK_RANK_FRAMES)};
static struct free_list fresh; /* guarded by the store's lock */
static struct pool caches[HARTS_MAX];

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

size_t frame_table_bytes(paddr_t start, paddr_t end) {
    return ((end - start) >> PAGE_SHIFT) * sizeof(struct frame);
}

static void pool_init(struct pool *pool, const char *name, enum lock_rank rank) {
    lock_init(&pool->lock, name, rank);
    for (int i = 0; i < CONTENTS; i++)
        pool->list[i] = (struct free_list){.first = NO_FRAME};
}

void frame_init(paddr_t start, paddr_t end, void *table) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0 && start < end);
    assert(end >> PAGE_SHIFT < HELD);
    range_start = start;
    range_end = end;
    frame_entries = (uintptr_t)table - (start >> PAGE_SHIFT) * sizeof(struct frame);
    ram_frames = held_frames = 0;
    fresh = (struct free_list){.first = NO_FRAME};
    pool_init(&store, "store of frames", LOCK_RANK_FRAMES);
    for (size_t i = 0; i < HARTS_MAX; i++)
        pool_init(&caches[i], "hart's frames", LOCK_RANK_FRAME_CACHE);
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

/* ---- Free lists ---- */

/* => locked; the frame's count is 0 */
static void list_push_locked(struct free_list *list, paddr_t frame) {
    frame_entry(frame)->next = list->first;
    list->first = (uint32_t)(frame >> PAGE_SHIFT);
    list->length++;
}

/* => locked; the list is not empty; the frame's count is still 0 */
static paddr_t list_pop_locked(struct free_list *list) {
    paddr_t frame = (paddr_t)list->first << PAGE_SHIFT;
    list->first = frame_entry(frame)->next;
    list->length--;
    return frame;
}

static void list_move_locked(struct free_list *from, struct free_list *to, size_t n) {
    for (; n > 0 && from->length > 0; n--)
        list_push_locked(to, list_pop_locked(from));
}

/* A frame that was never handed out holds what the machine left: unknown, like one that was. */
static void list_fill_fresh_locked(struct free_list *to, size_t n) {
    for (; n > 0 && fresh.length > 0; n--) {
        paddr_t frame = list_pop_locked(&fresh);
        frame_poison(frame);
        list_push_locked(to, frame);
    }
}

/* Bring a batch of one kind from the store. => cache locked */
__attribute__((noinline)) static void cache_refill_locked(struct pool *cache,
                                                          enum contents contents) {
    struct free_list *list = &cache->list[contents];
    lock_acquire(&store.lock);
    list_move_locked(&store.list[contents], list, BATCH);
    if (contents == USED && list->length == 0)
        list_fill_fresh_locked(list, BATCH);
    lock_release(&store.lock);
}

/* Is there a frame of this kind for the hart? => cache locked
 * A look at the store without its lock: a frame that is put just now counts as put later. */
static inline bool cache_has_locked(struct pool *cache, enum contents contents) {
    if (cache->list[contents].length == 0 &&
        (store.list[contents].length > 0 || (contents == USED && fresh.length > 0)))
        cache_refill_locked(cache, contents);
    return cache->list[contents].length > 0;
}

/* Put a frame into the hart's own pool, and a batch into the store when that is full. */
static void frame_put_free(paddr_t frame, enum contents contents) {
    struct pool *cache = &caches[hart_index()];
    struct free_list *list = &cache->list[contents];
    lock_acquire(&cache->lock);
    list_push_locked(list, frame);
    if (__builtin_expect(list->length >= CACHED_MAX, 0)) {
        lock_acquire(&store.lock);
        list_move_locked(list, &store.list[contents], BATCH);
        lock_release(&store.lock);
    }
    lock_release(&cache->lock);
}

/* ---- Allocate ---- */

/* What a free frame holds, when debug builds can know it. */
static void frame_check_free(paddr_t frame, enum contents contents) {
    if (contents == USED)
        frame_check_filled(frame, POISON);
    if (contents == ZEROED)
        frame_check_filled(frame, 0);
    debug_assert(frame_count(frame) == 0);
}

/* Memory is short: what other harts keep for themselves is needed. */
__attribute__((noinline)) static paddr_t frame_take_from_others(enum contents *contents) {
    paddr_t frame = FRAME_NONE;
    for (size_t hart = 0; hart < HARTS_MAX && frame == FRAME_NONE; hart++) {
        struct free_list *lists = caches[hart].list;
        lock_acquire(&caches[hart].lock);
        *contents = lists[USED].length > 0 ? USED : ZEROED;
        if (lists[*contents].length > 0)
            frame = list_pop_locked(&lists[*contents]);
        lock_release(&caches[hart].lock);
    }
    return frame;
}

/* A frame, best of the kind that is wanted; its count becomes 1. */
__attribute__((always_inline)) static inline paddr_t frame_take(enum contents wanted,
                                                                enum contents *contents) {
    struct pool *cache = &caches[hart_index()];
    paddr_t frame = FRAME_NONE;
    if (!frame_may_allocate())
        return FRAME_NONE;
    lock_acquire(&cache->lock);
    *contents = cache_has_locked(cache, wanted) ? wanted : wanted == USED ? ZEROED : USED;
    if (*contents == wanted || cache_has_locked(cache, *contents))
        frame = list_pop_locked(&cache->list[*contents]);
    lock_release(&cache->lock);
    if (frame == FRAME_NONE)
        frame = frame_take_from_others(contents);
    if (frame == FRAME_NONE)
        return FRAME_NONE;
    frame_check_free(frame, *contents);
    frame_entry(frame)->next = NO_FRAME;
    frame_entry(frame)->count = 1; /* nobody else can know the frame */
    return frame;
}

paddr_t frame_alloc(void) {
    enum contents contents;
    return frame_take(USED, &contents);
}

paddr_t frame_alloc_zeroed(void) {
    enum contents contents;
    paddr_t frame = frame_take(ZEROED, &contents);
    if (frame != FRAME_NONE && contents != ZEROED)
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
    frame_put_free(frame, USED);
}

void frame_put_zeroed(paddr_t frame) {
    int64_t before = count_add_ordered(&frame_entry(frame)->count, -1);
    assert(before >= 1);
    if (before == 1)
        frame_put_free(frame, ZEROED);
}

bool frame_is_counted(paddr_t address) { return address >= range_start && address < range_end; }

void frame_release(paddr_t start, paddr_t end) {
    assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0);
    held_frames -= (end - start) >> PAGE_SHIFT;
    lock_acquire(&store.lock);
    for (paddr_t frame = end; frame > start; frame -= PAGE_SIZE) {
        int64_t before = count_add(&frame_entry(frame - PAGE_SIZE)->count, -1);
        assert(before == 1);
        list_push_locked(&fresh, frame - PAGE_SIZE);
    }
    lock_release(&store.lock);
}

bool frame_zero_ahead(size_t limit) {
    paddr_t frame = FRAME_NONE;
    lock_acquire(&store.lock);
    if (store.list[USED].length == 0)
        list_fill_fresh_locked(&store.list[USED], 1);
    if (store.list[USED].length > 0 && store.list[ZEROED].length < limit)
        frame = list_pop_locked(&store.list[USED]);
    lock_release(&store.lock);
    if (frame == FRAME_NONE)
        return false;
    frame_check_free(frame, USED);
    memset(frame_address(frame), 0, PAGE_SIZE);
    lock_acquire(&store.lock);
    list_push_locked(&store.list[ZEROED], frame);
    lock_release(&store.lock);
    return true;
}

void frame_hold(paddr_t frame) {
    frame_entry(frame)->next = HELD;
    held_frames++;
}

void frame_unhold(paddr_t frame) {
    frame_entry(frame)->next = NO_FRAME;
    held_frames--;
    frame_put(frame);
}

#ifdef BYRE_DEBUG
bool frame_is_held(paddr_t frame) { return frame_entry(frame)->next == HELD; }
uint32_t *frame_expected(paddr_t frame) { return &frame_entry(frame)->expected; }
#endif

static size_t pool_count(const struct pool *pool) {
    size_t n = 0;
    for (int i = 0; i < CONTENTS; i++)
        n += pool->list[i].length;
    return n;
}

size_t frame_free_count(void) {
    size_t n = fresh.length + pool_count(&store);
    for (size_t i = 0; i < HARTS_MAX; i++)
        n += pool_count(&caches[i]);
    return n;
}

size_t frame_held_count(void) { return held_frames; }
size_t frame_total_count(void) { return ram_frames; }
paddr_t frame_range_start(void) { return range_start; }
paddr_t frame_range_end(void) { return range_end; }
