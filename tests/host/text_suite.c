/* Stale text: what only an instruction cache that forgets nothing until it is fenced can show. */
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/check.h"
#include "tests/mm/space.h"

#define TEXT (MAP_READ | MAP_EXEC)
#define WRITABLE_TEXT (MAP_READ | MAP_WRITE | MAP_EXEC)
#define OLD 9
#define FRAMES_LEFT 16 /* for page tables */
#define MANY 64        /* pages: some of their frames were text */

/* => the first byte of a page as the hart runs it; -1: it may not */
static int fetch(int hart, vaddr_t va) {
    paddr_t address;
    while (!hart_translate(hart, va, ACCESS_EXECUTE, &address))
        if (vm_fault(hart_space(hart), va, ACCESS_EXECUTE) < 0)
            return -1;
    return machine_fetch(hart, address);
}

static void run_everywhere(struct aspace *as) {
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        hart_run(hart, as);
}

static struct aspace *space_of(unsigned char value, size_t npages, uint32_t rights) {
    struct aspace *as = space_with(npages, READ_WRITE);
    for (size_t i = 0; i < npages; i++) {
        store(as, PAGE(i), value);
        protect(as, PAGE(i), rights);
    }
    return as;
}

/* Frames that come next have been text, and every hart remembers what. */
static void frames_were_text(void) {
    size_t npages = frame_free_count() - FRAMES_LEFT;
    struct aspace *as = space_of(OLD, npages, TEXT);
    run_everywhere(as);
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        for (size_t i = 0; i < npages; i++)
            CHECK_EQUAL(OLD, fetch(hart, PAGE(i)));
    run_everywhere(NULL);
    aspace_destroy(as);
}

static void new_text_is_fetched(void) {
    frames_were_text();
    struct aspace *as = space_of(1, 3, TEXT);
    for (int hart = 0; hart < FAKE_HARTS; hart++) {
        hart_run(hart, as);
        CHECK_EQUAL(1, fetch(hart, PAGE(1)));
    }
    run_everywhere(NULL);
    aspace_destroy(as);
}

/* Harts 0 and 1 run there meanwhile; hart 2 hears of it when it comes back. */
static void changed_text_is_fetched(void) {
    struct aspace *as = space_of(1, 1, TEXT);
    run_everywhere(as);
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        CHECK_EQUAL(1, fetch(hart, PAGE(0)));
    hart_run(2, NULL);
    protect(as, PAGE(0), READ_WRITE);
    CHECK_EQUAL(0, hart_store(0, PAGE(0), 2));
    protect(as, PAGE(0), TEXT);
    hart_run(2, as);
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        CHECK_EQUAL(2, fetch(hart, PAGE(0)));
    run_everywhere(NULL);
    aspace_destroy(as);
}

/* Hart 0 has passed its fence for the parent, hart 2 has not. */
static void childs_text_is_fetched(void) {
    frames_were_text();
    struct aspace *parent = space_of(1, 1, TEXT);
    hart_run(0, parent);
    CHECK_EQUAL(1, fetch(0, PAGE(0)));
    struct aspace *child = forked(parent);
    for (int hart = 0; hart <= 2; hart += 2) {
        hart_run(hart, child);
        CHECK_EQUAL(1, fetch(hart, PAGE(0)));
    }
    run_everywhere(NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

/* Harts that have run there already pass no fence when they come back. */
static struct aspace *known_everywhere(struct aspace *as) {
    run_everywhere(as);
    run_everywhere(NULL);
    return as;
}

static void copied_text_is_fetched(void) {
    struct aspace *parent = known_everywhere(space_of(1, MANY, WRITABLE_TEXT));
    frames_were_text();
    hart_run(0, parent);
    hart_run(2, parent);
    struct aspace *child = forked(parent);
    for (size_t i = 0; i < MANY; i++)
        CHECK_EQUAL(0, hart_store(0, PAGE(i), 2)); /* into a copy */
    for (size_t i = 0; i < MANY; i++)
        CHECK(fetch(0, PAGE(i)) == 2 && fetch(2, PAGE(i)) == 2);
    run_everywhere(NULL);
    aspace_destroy(child);
    aspace_destroy(parent);
}

static void text_by_message_is_fetched(void) {
    struct aspace *to = known_everywhere(space_of(1, MANY, WRITABLE_TEXT)), *bad;
    frames_were_text();
    struct aspace *from = space_of(2, MANY, READ_WRITE);
    size_t copied;
    hart_run(0, to);
    CHECK_EQUAL(1, fetch(0, PAGE(0)));
    CHECK_EQUAL(0, copy_between((struct user_range){to, PAGE(0), MANY * PAGE_SIZE},
                                (struct user_range){from, PAGE(0), MANY * PAGE_SIZE},
                                TRANSFER_SHARE, &copied, &bad));
    for (size_t i = 0; i < MANY; i++)
        CHECK_EQUAL(2, fetch(0, PAGE(i)));
    run_everywhere(NULL);
    aspace_destroy(from);
    aspace_destroy(to);
}

const struct test text_tests[] = {
    {"new_text_is_fetched", "a frame that is text again runs as what it holds now",
     new_text_is_fetched},
    {"changed_text_is_fetched", "after protect every hart runs what the page holds now",
     changed_text_is_fetched},
    {"childs_text_is_fetched", "a child's text is fenced where its parent's was not yet",
     childs_text_is_fetched},
    {"copied_text_is_fetched", "the copy of a page that is written and run is what runs",
     copied_text_is_fetched},
    {"text_by_message_is_fetched", "so is a page that came by message", text_by_message_is_fetched},
    {NULL, NULL, NULL},
};
