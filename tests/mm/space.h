/* Small address spaces for tests: made, forked, stored to and loaded from. */
#pragma once

#include "mm/fork.h"
#include "tests/check.h"
#include "tests/machine.h"

#define BASE USER_IMAGE_BASE
#define PAGE(i) (BASE + (i)*PAGE_SIZE)
#define READ_WRITE (MAP_READ | MAP_WRITE)

static inline struct aspace *space_with(size_t npages, uint32_t rights) {
    struct aspace *as;
    CHECK_EQUAL(0, aspace_create(&as));
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_map(as, BASE, npages * PAGE_SIZE, rights, REGION_KIND_PRIVATE));
    aspace_unlock(as);
    return as;
}

static inline struct aspace *forked(struct aspace *parent) {
    struct aspace *child = NULL;
    CHECK_EQUAL(0, vm_fork(parent, &child));
    return child;
}

static inline void store(struct aspace *as, vaddr_t va, unsigned char value) {
    hart_run(1, as);
    CHECK_EQUAL(0, hart_store(1, va, value));
    hart_run(1, NULL);
}

static inline int load(struct aspace *as, vaddr_t va) {
    unsigned char value = 0;
    hart_run(1, as);
    CHECK_EQUAL(0, hart_load(1, va, &value));
    hart_run(1, NULL);
    return value;
}

static inline void protect(struct aspace *as, vaddr_t va, uint32_t rights) {
    aspace_lock(as);
    CHECK_EQUAL(0, aspace_protect(as, va, PAGE_SIZE, rights));
    aspace_unlock(as);
}
