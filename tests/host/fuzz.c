/* Random operations on address spaces, against a model that copies bytes.
 *
 * The one idea: five bytes are an operation, so any bytes are a program, and a part of a program is
 * one too. A program that fails is made shorter by leaving operations out while it still fails.
 * Three harts run address spaces all the time, and keep their translations.
 *
 * The model knows of each page of each space: whether it is mapped, its rights, and two bytes. */
#include "tests/host/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "lib/errno.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "tests/mm/space.h"

#define SPACES 4
#define PAGES 8 /* of each space: four on either side of a border of leaf tables */
#define START (USER_MAP_BASE + (vaddr_t)PT_LEAF_TABLE_BYTES - 4 * PAGE_SIZE)
#define VA(page) (START + (vaddr_t)(page)*PAGE_SIZE)

enum verb { FORK, STORE, LOAD, MAP, UNMAP, PROTECT, SEND, EXIT, RUN, WRITE, FULL, VERBS };

struct operation {
    enum verb verb;
    int space, other, hart;
    int page, page2, npages;
    unsigned char value;
    uint32_t rights;
};

struct page {
    bool mapped;
    uint32_t rights;
    unsigned char bytes[2]; /* the first and the last */
};

static struct space {
    struct aspace *as; /* NULL: there is none */
    struct page page[PAGES];
} spaces[SPACES];

static int differences;

static void differ(const char *what, long expected, long found) {
    if (differences++ == 0)
        printf("  %s: expected %ld, found %ld\n", what, expected, found);
}

static void expect(const char *what, long expected, long found) {
    if (expected != found)
        differ(what, expected, found);
}

/* ---- Bytes as operations ---- */

static struct operation decode(const uint8_t *bytes) {
    static const uint32_t rights[] = {READ_WRITE, MAP_READ, READ_WRITE | MAP_EXEC, READ_WRITE};
    static const enum verb verbs[16] = {FORK, STORE, STORE,   STORE, LOAD, LOAD, MAP,  UNMAP,
                                        SEND, SEND,  PROTECT, EXIT,  RUN,  RUN,  FULL, WRITE};
    struct operation op = {.verb = verbs[bytes[0] & 15],
                           .space = bytes[1] % SPACES,
                           .other = bytes[1] / SPACES % SPACES,
                           .hart = bytes[1] / 16 % FAKE_HARTS,
                           .page = bytes[2] % PAGES,
                           .page2 = bytes[2] / PAGES % PAGES,
                           .npages = 1 + bytes[3] % PAGES,
                           .value = bytes[4],
                           .rights = rights[bytes[4] & 3]};
    int last = op.verb == SEND && op.page2 > op.page ? op.page2 : op.page;
    if (op.npages > PAGES - last)
        op.npages = PAGES - last;
    return op;
}

static const char *rights_name(uint32_t rights) {
    return rights == MAP_READ ? "r" : rights == READ_WRITE ? "rw" : "rwx";
}

static void print_operation(const struct operation *op) {
    switch (op->verb) {
    case FORK:
        printf("space %d = fork of space %d", op->other, op->space);
        break;
    case STORE:
    case LOAD:
        printf("hart %d %s page %d of space %d", op->hart,
               op->verb == STORE ? "stores to" : "loads", op->page, op->space);
        break;
    case SEND:
        printf("%d pages from %d of space %d to %d of space %d", op->npages, op->page, op->space,
               op->page2, op->other);
        break;
    case PROTECT:
    case MAP:
        printf("%s %d pages from %d of space %d, %s", op->verb == MAP ? "map" : "protect",
               op->npages, op->page, op->space, rights_name(op->rights));
        break;
    case UNMAP:
        printf("unmap %d pages from %d of space %d", op->npages, op->page, op->space);
        break;
    case EXIT:
        printf("space %d ends", op->space);
        break;
    case RUN:
        printf("hart %d runs space %d", op->hart, op->space);
        break;
    case WRITE:
        printf("the kernel writes page %d of space %d", op->page, op->space);
        break;
    default:
        printf("after %d more frames memory is full, for a fork of space %d", op->npages,
               op->space);
    }
    putchar('\n');
}

void fuzz_print(const uint8_t *bytes, size_t nbytes) {
    for (size_t i = 0; i + FUZZ_OPERATION_BYTES <= nbytes; i += FUZZ_OPERATION_BYTES) {
        struct operation op = decode(bytes + i);
        printf("    ");
        print_operation(&op);
    }
}

/* ---- Operations ---- */

static void leave(struct aspace *as) {
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        if (hart_space(hart) == as)
            hart_run(hart, NULL);
}

static void end_space(struct space *space) {
    if (!space->as)
        return;
    leave(space->as);
    aspace_destroy(space->as);
    space->as = NULL;
}

static void do_fork(const struct operation *op) {
    struct space *from = &spaces[op->space], *to = &spaces[op->other];
    if (from == to)
        return;
    end_space(to);
    *to = *from;
    expect("fork", 0, vm_fork(from->as, &to->as));
}

/* A fork that may fail: then the parent is as it was. */
static void do_full(const struct operation *op) {
    struct aspace *child = NULL;
    frame_fail_after((size_t)op->npages);
    int error = vm_fork(spaces[op->space].as, &child);
    frame_fail_after(SIZE_MAX);
    if (error)
        expect("fork", -ENOMEM, error);
    else
        aspace_destroy(child);
}

static int expected_error(const struct page *page, uint32_t right) {
    if (!page->mapped)
        return -EFAULT;
    return page->rights & right ? 0 : -EACCES;
}

static void do_access(const struct operation *op) {
    struct space *space = &spaces[op->space];
    struct page *page = &space->page[op->page];
    size_t last = op->value & 1;
    vaddr_t va = VA(op->page) + (last ? PAGE_SIZE - 1 : 0);
    unsigned char value = op->value;
    if (hart_space(op->hart) != space->as)
        hart_run(op->hart, space->as);
    int error =
        op->verb == STORE ? hart_store(op->hart, va, value) : hart_load(op->hart, va, &value);
    expect("access", expected_error(page, op->verb == STORE ? MAP_WRITE : MAP_READ), error);
    if (!error && op->verb == STORE)
        page->bytes[last] = value;
    else if (!error)
        expect("byte", page->bytes[last], value);
}

static void do_write(const struct operation *op) {
    struct page *page = &spaces[op->space].page[op->page];
    int error = copy_out(spaces[op->space].as, VA(op->page), &op->value, 1);
    expect("write", expected_error(page, MAP_WRITE), error);
    if (!error)
        page->bytes[0] = op->value;
}

static void do_unmap(const struct operation *op) {
    struct space *space = &spaces[op->space];
    aspace_lock(space->as);
    expect("unmap", 0, aspace_unmap(space->as, VA(op->page), (uint64_t)op->npages * PAGE_SIZE));
    aspace_unlock(space->as);
    memset(&space->page[op->page], 0, (size_t)op->npages * sizeof(struct page));
}

static void do_map(const struct operation *op) {
    struct space *space = &spaces[op->space];
    do_unmap(op);
    aspace_lock(space->as);
    expect("map", 0,
           aspace_map(space->as, VA(op->page), (uint64_t)op->npages * PAGE_SIZE, op->rights,
                      REGION_KIND_PRIVATE));
    aspace_unlock(space->as);
    for (int i = 0; i < op->npages; i++)
        space->page[op->page + i] = (struct page){.mapped = true, .rights = op->rights};
}

static bool all_mapped(const struct space *space, int first, int npages) {
    for (int i = 0; i < npages; i++)
        if (!space->page[first + i].mapped)
            return false;
    return true;
}

static void do_protect(const struct operation *op) {
    struct space *space = &spaces[op->space];
    if (!all_mapped(space, op->page, op->npages))
        return;
    aspace_lock(space->as);
    expect("protect", 0,
           aspace_protect(space->as, VA(op->page), (uint64_t)op->npages * PAGE_SIZE, op->rights));
    aspace_unlock(space->as);
    for (int i = 0; i < op->npages; i++)
        space->page[op->page + i].rights = op->rights;
}

static void do_send(const struct operation *op) {
    struct space *from = &spaces[op->space], *to = &spaces[op->other];
    size_t copied, nbytes = (size_t)op->npages * PAGE_SIZE;
    struct aspace *bad;
    if (from == to || !to->as)
        return;
    int error = copy_between((struct user_range){to->as, VA(op->page2), nbytes},
                             (struct user_range){from->as, VA(op->page), nbytes}, TRANSFER_SHARE,
                             &copied, &bad);
    expect("whole pages", 0, (long)(copied % PAGE_SIZE));
    size_t n = copied / PAGE_SIZE;
    for (size_t i = 0; i < n; i++)
        memcpy(to->page[(size_t)op->page2 + i].bytes, from->page[(size_t)op->page + i].bytes, 2);
    if (!error)
        return;
    int target = expected_error(&to->page[(size_t)op->page2 + n], MAP_WRITE);
    int source = expected_error(&from->page[(size_t)op->page + n], MAP_READ);
    expect("send", target ? target : source, error);
}

static void run_operation(const struct operation *op) {
    static void (*const verbs[VERBS])(const struct operation *) = {
        [FORK] = do_fork, [STORE] = do_access, [LOAD] = do_access,
        [MAP] = do_map,   [UNMAP] = do_unmap,  [PROTECT] = do_protect,
        [SEND] = do_send, [WRITE] = do_write,  [FULL] = do_full};
    struct space *space = &spaces[op->space];
    if (!space->as)
        return;
    if (op->verb == EXIT)
        end_space(space);
    else if (op->verb == RUN)
        hart_run(op->hart, space->as);
    else
        verbs[op->verb](op);
}

/* Everything, at the end: all bytes, the audit, and that nothing is left over. */
static void settle(size_t free) {
    expect("violations of the audit", 0, audit_run());
    for (int i = 0; i < SPACES; i++)
        for (int page = 0; spaces[i].as && page < PAGES * 2; page++) {
            const struct operation op = {
                .verb = LOAD, .space = i, .page = page / 2, .value = page & 1};
            do_access(&op);
        }
    for (int i = 0; i < SPACES; i++)
        end_space(&spaces[i]);
    expect("free frames", (long)free, (long)frame_free_count());
}

static void begin(void) {
    differences = 0;
    memset(spaces, 0, sizeof spaces);
    machine_reset();
}

static void make_first(void) {
    const struct operation map = {.verb = MAP, .npages = PAGES, .rights = READ_WRITE};
    expect("create", 0, aspace_create(&spaces[0].as));
    run_operation(&map);
}

size_t fuzz_run(const uint8_t *bytes, size_t nbytes) {
    begin();
    size_t free = frame_free_count(), done = 0;
    make_first();
    for (; done < nbytes / FUZZ_OPERATION_BYTES && !differences; done++) {
        struct operation op = decode(bytes + done * FUZZ_OPERATION_BYTES);
        run_operation(&op);
    }
    settle(free);
    return differences ? done : SIZE_MAX;
}
