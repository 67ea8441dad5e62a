/* What programs without a C library stand on: blocks of memory over pages that this file counts,
 * formatted text, and strings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/format.h"
#include "lib/print.h"
#include "lib/string.h"
#include "tests/check.h"
#include "user/runtime/memory.h"

void console_write(const char *bytes, size_t nbytes) { fwrite(bytes, 1, nbytes, stdout); }

/* ---- The pages below ---- */

static size_t npages_mapped, npages_most = SIZE_MAX;

void *pages_map(size_t npages) {
    if (npages > npages_most - npages_mapped)
        return NULL;
    void *pages =
        mmap(NULL, npages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    npages_mapped += npages;
    return pages == MAP_FAILED ? NULL : pages;
}

void pages_unmap(void *pages, size_t npages) {
    npages_mapped -= npages;
    CHECK_EQUAL(0, munmap(pages, npages * PAGE_SIZE));
}

/* ---- Blocks ---- */

#define NBLOCKS 2000
#define SPARE_PAGES 8 /* that blocks.c keeps */

static struct {
    unsigned char *bytes;
    size_t nbytes;
} blocks[NBLOCKS];

static size_t size_random(void) {
    unsigned long random = check_random();
    return random % 10 ? random % 300 : random % 20000;
}

static void block_take(size_t i) {
    blocks[i].nbytes = size_random();
    blocks[i].bytes = block_alloc(blocks[i].nbytes);
    CHECK(blocks[i].bytes && (uintptr_t)blocks[i].bytes % 16 == 0);
    memset(blocks[i].bytes, (int)i, blocks[i].nbytes);
}

static void block_give(size_t i) {
    for (size_t j = 0; j < blocks[i].nbytes; j++)
        if (blocks[i].bytes[j] != (unsigned char)i) {
            CHECK_EQUAL((unsigned char)i, blocks[i].bytes[j]);
            break;
        }
    block_free(blocks[i].bytes);
    blocks[i].bytes = NULL;
}

static void blocks_keep_their_bytes(void) {
    for (size_t round = 0; round < 20 * NBLOCKS; round++) {
        size_t i = check_random() % NBLOCKS;
        if (blocks[i].bytes)
            block_give(i);
        else
            block_take(i);
    }
    for (size_t i = 0; i < NBLOCKS; i++)
        if (blocks[i].bytes)
            block_give(i);
    block_free(NULL);
    CHECK(npages_mapped <= SPARE_PAGES);
}

static void no_memory_is_null(void) {
    void *kept[64];
    size_t n = 0;
    CHECK(!block_alloc(SIZE_MAX));
    CHECK(!block_alloc(SIZE_MAX - PAGE_SIZE));
    npages_most = npages_mapped;
    while (n < array_length(kept) && (kept[n] = block_alloc(2000)))
        n++;
    CHECK(n <= 2 * SPARE_PAGES);
    CHECK(!block_alloc(100000));
    npages_most = SIZE_MAX;
    while (n)
        block_free(kept[--n]);
}

/* ---- Text ---- */

static void check_text(size_t line, const char *expected, const char *found) {
    if (strcmp(expected, found) != 0) {
        printf("  \"%s\" expected, \"%s\" found\n", expected, found);
        CHECK_EQUAL(0, line);
    }
}

#define TEXT(expected, ...)                                                                        \
    do {                                                                                           \
        char text[64];                                                                             \
        CHECK_EQUAL(strlen(expected), format_string(text, sizeof text, __VA_ARGS__));              \
        check_text(__LINE__, expected, text);                                                      \
    } while (0)

static void texts(void) {
    const char field[3] = {'a', 'b', 'c'}; /* no 0 ends it */
    TEXT("a-12 34", "%c%d %u", 'a', -12, 34U);
    TEXT("0x00ff|  7|7  |", "%#06lx|%3d|%-3d|", 255UL, 7, 7);
    TEXT("abc/ab/", "%.3s/%.*s/%.0s", field, 2, field, field);
    TEXT("   ab|ab   |", "%5.2s|%-5.2s|", field, field);
    TEXT("long", "%.100s", "long");
}

static void texts_that_do_not_fit(void) {
    char text[4] = "xxx";
    CHECK_EQUAL(6, format_string(text, sizeof text, "%s", "abcdef"));
    check_text(__LINE__, "abc", text);
    CHECK_EQUAL(1, format_string(text, 0, "z"));
    check_text(__LINE__, "abc", text);
}

static void strings(void) {
    uint64_t number;
    CHECK_EQUAL(2, bytes_find("ab\0c", 4, 0));
    CHECK_EQUAL(4, bytes_find("abcd", 4, 'x'));
    CHECK_EQUAL(3, string_find("abc", '/'));
    CHECK_EQUAL(1, string_find("a/b/", '/'));
    CHECK_EQUAL(2, string_span("//a/", '/'));
    CHECK_EQUAL(0, string_span("", '/'));
    check_text(__LINE__, ":7", string_number("1f:7", 16, &number));
    CHECK_EQUAL(0x1f, number);
    check_text(__LINE__, "8", string_number("178", 8, &number));
    CHECK_EQUAL(15, number);
    check_text(__LINE__, "-1", string_number("-1", 10, &number));
    CHECK_EQUAL(0, number);
}

static const struct test runtime_tests[] = {
    {"blocks_keep_their_bytes", "blocks do not overlap, and all pages come back but a few",
     blocks_keep_their_bytes},
    {"no_memory_is_null", "out of memory is NULL and changes nothing", no_memory_is_null},
    {"texts", "each conversion prints what C's would", texts},
    {"texts_that_do_not_fit", "a text that is too long is cut off and ended, and its length told",
     texts_that_do_not_fit},
    {"strings", "strings and bytes are found, and numbers are read, up to their end", strings},
    {0},
};
static const struct test *const suites[] = {runtime_tests, NULL};

int check_one(const struct test *test) {
    check_failures = 0;
    test->run();
    return check_failures;
}

int main(int argc, char **argv) { return check_run(suites, argc > 1 ? argv[1] : NULL); }
