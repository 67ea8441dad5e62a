/* Looks on while a test of mm/ runs, as the worst machine that the architecture allows.
 *
 * The one idea: harts that run an address space translate ahead of their programs. At each step of
 * the kernel (yield_point) every hart fills its TLB with what it finds for the pages that tests
 * touch. So an entry that is shown for a moment was seen. What no hart may ever have is refused at
 * once:
 *  - a translation to a free frame;
 *  - translations to two frames for one page, when one of them allows a store;
 *  - a translation to a frame whose bytes were written after the last pte_publish.
 * And when a call of the kernel returns, no translation may allow more than its entry does.
 *
 * The linker puts the functions __wrap_X here between X and its callers (CMakeLists.txt). */
#include "tests/host/watch.h"

#include <stdio.h>
#include <string.h>

#include "mm/aspace.h"
#include "mm/fork.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/host/log.h"
#include "tests/machine.h"

#define PAGES_MAX 16 /* that harts translate ahead: the last ones that tests touched */
#define FRESH_MAX 32 /* frames that were written and that no hart has seen yet */

static vaddr_t pages[PAGES_MAX];
static size_t npages;

/* A frame that has been allocated, or stored to: its bytes at the last pte_publish. */
static struct fresh {
    paddr_t frame; /* FRAME_NONE: unused */
    bool published;
    uint64_t sum;
    const struct aspace *owner; /* whose harts stored to it: they see their stores */
} fresh[FRESH_MAX];
static size_t nfresh;

/* ---- Bytes before their entry ---- */

static uint64_t frame_sum(paddr_t frame) {
    const uint64_t *words = frame_address(frame);
    uint64_t sum = 0;
    for (size_t i = 0; i < PAGE_SIZE / sizeof *words; i++)
        sum = (sum ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

static struct fresh *fresh_find(paddr_t frame) {
    for (size_t i = 0; i < nfresh && i < FRESH_MAX; i++)
        if (fresh[i].frame == frame)
            return &fresh[i];
    return NULL;
}

static void fresh_add(paddr_t frame, const struct aspace *owner) {
    struct fresh *place = fresh_find(frame);
    if (!place)
        place = &fresh[nfresh++ % FRESH_MAX];
    *place = (struct fresh){.frame = frame, .owner = owner};
}

static void publish(void) {
    for (size_t i = 0; i < FRESH_MAX; i++)
        if (fresh[i].frame != FRAME_NONE && frame_count(fresh[i].frame) > 0) {
            fresh[i].published = true;
            fresh[i].sum = frame_sum(fresh[i].frame);
        }
}

/* A lock was released: what the kernel wrote is published. */
static void publish_all(void) {
    memset(fresh, 0, sizeof fresh);
    nfresh = 0;
}

static void check_published(int hart, vaddr_t page, pte_t entry) {
    struct fresh *seen = fresh_find(pte_frame(entry));
    if (!seen || seen->owner == hart_space(hart))
        return;
    if (!seen->published || seen->sum != frame_sum(seen->frame))
        machine_fail("hart %d can read page %#lx of %s, frame %#lx, whose bytes were written after "
                     "the last pte_publish",
                     hart, (unsigned long)page, space_name(hart_space(hart)),
                     (unsigned long)seen->frame);
}

/* ---- What TLBs may hold ---- */

static struct {
    int hart;
    vaddr_t page;
    pte_t entry;
} current;

static bool pages_conflict(pte_t a, pte_t b) {
    return pte_frame(a) != pte_frame(b) && (pte_writable(a) || pte_writable(b));
}

static void check_against_current(int hart, vaddr_t page, pte_t entry) {
    if (page == current.page && hart_space(hart) == hart_space(current.hart) &&
        pages_conflict(entry, current.entry))
        machine_fail(
            "page %#lx of %s: hart %d may still use frame %#lx, and hart %d may already use "
            "frame %#lx",
            (unsigned long)page, space_name(hart_space(hart)), hart,
            (unsigned long)pte_frame(entry), current.hart, (unsigned long)pte_frame(current.entry));
}

static bool is_watched(vaddr_t page) {
    for (size_t i = 0; i < npages && i < PAGES_MAX; i++)
        if (pages[i] == page)
            return true;
    return false;
}

static void check_translation(int hart, vaddr_t page, pte_t entry) {
    if (frame_is_counted(pte_frame(entry)) && frame_count(pte_frame(entry)) == 0)
        machine_fail("hart %d may still use frame %#lx by page %#lx of %s, and the frame is free",
                     hart, (unsigned long)pte_frame(entry), (unsigned long)page,
                     space_name(hart_space(hart)));
    check_published(hart, page, entry);
    if (!is_watched(page) || !pte_present(entry))
        return;
    current.hart = hart;
    current.page = page;
    current.entry = entry;
    machine_visit_translations(check_against_current);
}

/* The entries of the watched pages that map a frame, in the spaces that harts run. */
static uint32_t entries_of(paddr_t frame) {
    uint32_t n = 0;
    for (int hart = 0; hart < FAKE_HARTS; hart++) {
        const struct aspace *as = hart_space(hart);
        bool counted =
            !as || (hart > 0 && hart_space(0) == as) || (hart > 1 && hart_space(1) == as);
        for (size_t i = 0; i < npages && i < PAGES_MAX && !counted; i++) {
            pte_t entry = machine_walk(as, pages[i]);
            n += pte_present(entry) && pte_frame(entry) == frame;
        }
    }
    return n;
}

static void check_count(int hart, vaddr_t page, pte_t entry) {
    paddr_t frame = pte_frame(entry);
    if (is_watched(page) && frame_is_counted(frame) && frame_count(frame) < entries_of(frame))
        machine_fail("frame %#lx, page %#lx of %s: its count is %u, and %u entries map it",
                     (unsigned long)frame, (unsigned long)page, space_name(hart_space(hart)),
                     frame_count(frame), entries_of(frame));
}

static void fill_tlbs(void) {
    for (size_t i = 0; i < npages && i < PAGES_MAX; i++)
        machine_fill_tlbs(pages[i]);
}

static void watch(const char *where, const _Atomic uint32_t *waits_for) {
    if (waits_for)
        machine_fail("the hart waits for a lock that nobody will release");
    if (strcmp(where, "access") == 0)
        return;
    fill_tlbs();
    if (strcmp(where, "entry") == 0)
        return; /* what was seen is judged before a fence ends it, and before bytes are published */
    machine_visit_translations(check_translation);
    if (strncmp(where, "count", 5) == 0) /* before a change, or after it */
        machine_visit_translations(check_count);
    if (strcmp(where, "publish") == 0)
        publish();
}

/* After a call of the kernel: what a TLB knows is what the entry says, or less. */
static void check_settled(int hart, vaddr_t page, pte_t entry) {
    pte_t now = machine_walk(hart_space(hart), page);
    if (!pte_present(now) || pte_frame(now) != pte_frame(entry))
        machine_fail("hart %d may still use frame %#lx by page %#lx of %s, which maps another one "
                     "or none: no fence ended that",
                     hart, (unsigned long)pte_frame(entry), (unsigned long)page,
                     space_name(hart_space(hart)));
    if (pte_writable(entry) && !pte_writable(now))
        machine_fail(
            "hart %d may still write frame %#lx by page %#lx of %s, which lost that right: "
            "no fence ended that",
            hart, (unsigned long)pte_frame(entry), (unsigned long)page,
            space_name(hart_space(hart)));
}

void machine_settled(void) {
    if (machine_at_yield != watch)
        return;
    fill_tlbs();
    machine_visit_translations(check_settled);
    publish_all();
}

void watch_begin(void) { machine_watcher = watch; }
void watch_end(void) { machine_watcher = NULL; }

void watch_page(vaddr_t page) {
    if (!is_watched(page))
        pages[npages++ % PAGES_MAX] = page;
}

/* A hart touches a page. */
static void watch_access(int hart, vaddr_t va, paddr_t stored) {
    vaddr_t page = page_round_down(va);
    if (machine_at_yield != watch)
        return;
    watch_page(page);
    if (stored != FRAME_NONE)
        fresh_add(page_round_down(stored), hart_space(hart));
}

/* ---- Between the kernel and its callers ---- */

#define WRAP(type, name, parameters)                                                               \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters

/* The space that a hart runs since its last access. To say so is only worth a line when something
 * else happens meanwhile. */
static const struct aspace *unsaid[FAKE_HARTS];

static void note_harts(void) {
    for (int i = 0; i < FAKE_HARTS; i++)
        if (unsaid[i])
            machine_note("hart %d runs %s", i, space_name(unsaid[i]));
    memset(unsaid, 0, sizeof unsaid);
}

#define NOTE(...) (note_harts(), machine_note(__VA_ARGS__))

static int told(int error) {
    if (error)
        log_result(error, error_name(error));
    machine_settled();
    return error;
}

WRAP(void, machine_reset_at, (paddr_t start, size_t nframes)) {
    npages = 0;
    publish_all();
    log_begin();
    memset(unsaid, 0, sizeof unsaid);
    __real_machine_reset_at(start, nframes);
}

WRAP(paddr_t, frame_alloc, (void)) {
    paddr_t frame = __real_frame_alloc();
    if (frame != FRAME_NONE && machine_at_yield == watch)
        fresh_add(frame, NULL);
    return frame;
}

WRAP(paddr_t, frame_alloc_zeroed, (void)) {
    paddr_t frame = __real_frame_alloc_zeroed();
    if (frame != FRAME_NONE && machine_at_yield == watch)
        fresh_add(frame, NULL);
    return frame;
}

WRAP(void, frame_fail_after, (size_t n)) {
    if (n == SIZE_MAX)
        NOTE("memory is there again");
    else
        NOTE("%zu more frames, then memory is full", n);
    __real_frame_fail_after(n);
}

WRAP(bool, hart_translate, (int hart, vaddr_t va, enum access access, paddr_t *address)) {
    unsaid[hart] = NULL;
    bool done = __real_hart_translate(hart, va, access, address);
    watch_access(hart, va, done && access == ACCESS_WRITE ? *address : FRAME_NONE);
    return done;
}

WRAP(void, hart_run, (int hart, struct aspace *as)) {
    unsaid[hart] = as;
    __real_hart_run(hart, as);
}

WRAP(int, aspace_create, (struct aspace * *result)) {
    int error = __real_aspace_create(result);
    if (!error)
        (void)space_name_new(*result);
    return error;
}

WRAP(void, aspace_destroy, (struct aspace * as)) {
    NOTE("end %s", space_name(as));
    __real_aspace_destroy(as);
}

WRAP(int, aspace_map,
     (struct aspace * as, vaddr_t start, uint64_t nbytes, uint32_t rights, enum region_kind kind)) {
    NOTE("map %#lx, %lu pages in %s, %s%s%s %s", (unsigned long)start,
         (unsigned long)(nbytes >> PAGE_SHIFT), space_name(as), rights & MAP_READ ? "r" : "",
         rights & MAP_WRITE ? "w" : "", rights & MAP_EXEC ? "x" : "",
         kind == REGION_KIND_PRIVATE ? "private" : "shared");
    return told(__real_aspace_map(as, start, nbytes, rights, kind));
}

WRAP(int, aspace_unmap, (struct aspace * as, vaddr_t start, uint64_t nbytes)) {
    NOTE("unmap %#lx, %lu pages in %s", (unsigned long)start, (unsigned long)(nbytes >> PAGE_SHIFT),
         space_name(as));
    return told(__real_aspace_unmap(as, start, nbytes));
}

WRAP(int, aspace_protect, (struct aspace * as, vaddr_t start, uint64_t nbytes, uint32_t rights)) {
    NOTE("protect %#lx, %lu pages in %s: %s%s%s", (unsigned long)start,
         (unsigned long)(nbytes >> PAGE_SHIFT), space_name(as), rights & MAP_READ ? "r" : "",
         rights & MAP_WRITE ? "w" : "", rights & MAP_EXEC ? "x" : "");
    return told(__real_aspace_protect(as, start, nbytes, rights));
}

WRAP(int, vm_fork, (struct aspace * parent, struct aspace **result)) {
    NOTE("fork %s", space_name(parent));
    int error = told(__real_vm_fork(parent, result));
    if (!error)
        machine_note("  the child is %s", space_name(*result));
    return error;
}

WRAP(int, vm_fault, (struct aspace * as, vaddr_t va, enum access access)) {
    return told(__real_vm_fault(as, va, access));
}

WRAP(int, copy_out, (struct aspace * as, vaddr_t to, const void *from, size_t nbytes)) {
    NOTE("the kernel writes %zu bytes at %#lx in %s", nbytes, (unsigned long)to, space_name(as));
    return told(__real_copy_out(as, to, from, nbytes));
}

/* Harts see what was done before the locks are released, and only then is all of it published. */
WRAP(void, aspace_unlock_two, (struct aspace * a, struct aspace *b)) {
    if (machine_at_yield == watch)
        watch("unlock", NULL);
    __real_aspace_unlock_two(a, b);
}

WRAP(int, copy_between,
     (struct user_range to, struct user_range from, enum transfer transfer, size_t *copied,
      struct aspace **bad)) {
    NOTE("%s %zu bytes from %#lx in %s to %#lx in %s",
         transfer == TRANSFER_SHARE ? "share" : "copy", from.nbytes, (unsigned long)from.va,
         space_name(from.as), (unsigned long)to.va, space_name(to.as));
    return told(__real_copy_between(to, from, transfer, copied, bad));
}
