/* Blocks of memory by size classes.
 *
 * Each page holds blocks of one size and begins with a head, which a block finds by rounding its
 * own address down. The pages of a size that have a free block are a list, and so are the free
 * blocks of a page: taking and giving back change the first of a list and search nothing. A page
 * without used blocks goes back to the kernel, but for a few. What is larger than half a page has
 * whole pages to itself.
 *
 * Invariant: a page is in its size's list exactly if it has a free block. */
#include "user/runtime/memory.h"

#define SPARE_MAX 8 /* empty pages that are kept for the next block, of whatever size */

struct block {
    struct block *next;
};

struct page {
    struct page *next, **link; /* in its size's list; link: what points here */
    struct block *free;
    uint32_t size;  /* of its blocks; 0: one block, of many pages */
    uint32_t count; /* used blocks; of a large block: its pages */
};
#define HEAD 32
_Static_assert(sizeof(struct page) <= HEAD && HEAD % 16 == 0, "blocks are aligned behind the head");

/* As many in a page as fit, for each count of blocks that gives a new size. */
static const uint16_t sizes[] = {32, 48, 64, 80, 96, 128, 192, 256, 400, 576, 800, 1344, 2032};
static struct page *partial[array_length(sizes)];
static struct page *spare;
static size_t nspare;

static struct page *page_of(void *block) {
    return (struct page *)((uintptr_t)block & ~(uintptr_t)PAGE_MASK);
}

static size_t class_of(size_t nbytes) {
    size_t i = 0;
    while (i < array_length(sizes) && sizes[i] < nbytes)
        i++;
    return i;
}

static void page_link(struct page *page, struct page **list) {
    page->next = *list;
    page->link = list;
    if (page->next)
        page->next->link = &page->next;
    *list = page;
}

static void page_unlink(struct page *page) {
    *page->link = page->next;
    if (page->next)
        page->next->link = page->link;
}

static struct page *page_take(void) {
    struct page *page = spare;
    if (!page)
        return pages_map(1);
    spare = page->next;
    nspare--;
    return page;
}

static void page_give(struct page *page) {
    if (nspare == SPARE_MAX) {
        pages_unmap(page, 1);
        return;
    }
    page->next = spare;
    spare = page;
    nspare++;
}

/* A page of free blocks, in its list; NULL: out of memory. */
static struct page *page_make(size_t size_class) {
    struct page *page = page_take();
    if (!page)
        return NULL;
    *page = (struct page){.size = sizes[size_class]};
    for (size_t at = HEAD; at + page->size <= PAGE_SIZE; at += page->size) {
        struct block *block = (struct block *)((char *)page + at);
        block->next = page->free;
        page->free = block;
    }
    page_link(page, &partial[size_class]);
    return page;
}

static void *large_alloc(size_t nbytes) {
    if (nbytes > SIZE_MAX - HEAD - PAGE_MASK)
        return NULL;
    size_t npages = (nbytes + HEAD + PAGE_MASK) / PAGE_SIZE;
    struct page *page = npages <= UINT32_MAX ? pages_map(npages) : NULL;
    if (!page)
        return NULL;
    *page = (struct page){.count = (uint32_t)npages};
    return (char *)page + HEAD;
}

void *block_alloc(size_t nbytes) {
    size_t size_class = class_of(nbytes);
    if (size_class == array_length(sizes))
        return large_alloc(nbytes);
    struct page *page = partial[size_class] ? partial[size_class] : page_make(size_class);
    if (!page)
        return NULL;
    struct block *block = page->free;
    page->free = block->next;
    page->count++;
    if (!page->free)
        page_unlink(page);
    return block;
}

void block_free(void *freed) {
    struct block *block = freed;
    struct page *page = page_of(block);
    if (!block)
        return;
    if (!page->size) {
        pages_unmap(page, page->count);
        return;
    }
    if (!page->free)
        page_link(page, &partial[class_of(page->size)]);
    block->next = page->free;
    page->free = block;
    if (--page->count == 0) {
        page_unlink(page);
        page_give(page);
    }
}
