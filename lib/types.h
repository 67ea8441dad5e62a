/* Addresses and sizes that the whole kernel speaks of. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t; /* physical address */
typedef uint64_t vaddr_t; /* virtual address, never dereferenced as it is */

#define PAGE_SHIFT 12
#define PAGE_SIZE ((size_t)1 << PAGE_SHIFT)
#define PAGE_MASK (PAGE_SIZE - 1)

#define HARTS_MAX 8 /* that run; the others that a machine has are reported and left alone */

#define must_check __attribute__((warn_unused_result))

#define array_length(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline uint64_t page_round_down(uint64_t address) { return address & ~(uint64_t)PAGE_MASK; }

/* Wraps to 0 for an address in the last page of the number range: check limits first. */
static inline uint64_t page_round_up(uint64_t address) {
    return (address + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t max_u64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Addresses from start on, up to end without end itself. Empty: end is not above start. */
struct range {
    uint64_t start;
    uint64_t end;
};

static inline bool range_empty(struct range range) { return range.end <= range.start; }

static inline size_t range_pages(struct range range) {
    return (range.end - range.start) >> PAGE_SHIFT;
}

/* What lies in both. */
static inline struct range range_intersect(struct range a, struct range b) {
    return (struct range){max_u64(a.start, b.start), min_u64(a.end, b.end)};
}
