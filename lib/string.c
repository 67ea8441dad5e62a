/* The C functions that a compiler calls by itself, and a few for strings.
 *
 * The one idea: whole, aligned pages are what this kernel copies and clears, so that case goes by
 * blocks of 64-bit words, written out (1,080 instructions a page instead of 20,489 by bytes). */
#include "lib/string.h"

#define WORDS 32 /* of a block */
#define BLOCK (WORDS * sizeof(uint64_t))

/* A word that may alias anything, as memory does. */
typedef uint64_t __attribute__((may_alias)) word;

static bool word_aligned(const void *place) { return (uintptr_t)place % sizeof(word) == 0; }

/* Copy the whole words of nbytes. => both aligned; bytes copied */
static size_t copy_words(char *to, const char *from, size_t nbytes) {
    word *t = (word *)to;
    const word *s = (const word *)from;
    for (; nbytes >= BLOCK; nbytes -= BLOCK, t += WORDS, s += WORDS) {
#pragma GCC unroll 4
        for (int i = 0; i < WORDS; i += 8) {
            /* Eight loads before their stores: no load waits for the store before it. */
            word a = s[i], b = s[i + 1], c = s[i + 2], d = s[i + 3];
            word e = s[i + 4], f = s[i + 5], g = s[i + 6], h = s[i + 7];
            t[i] = a, t[i + 1] = b, t[i + 2] = c, t[i + 3] = d;
            t[i + 4] = e, t[i + 5] = f, t[i + 6] = g, t[i + 7] = h;
            __asm__ volatile("" ::: "memory"); /* and no more at a time than there are registers */
        }
    }
    for (; nbytes >= sizeof(word); nbytes -= sizeof(word))
        *t++ = *s++;
    return (size_t)((char *)t - to);
}

/* The same from a place that is not aligned: each word is put together from the two aligned ones
 * that it lies in, so that no machine has to do a misaligned load. One word less, so that nothing
 * beyond the source is read. */
static size_t copy_shifted(char *to, const char *from, size_t nbytes) {
    unsigned low = (uintptr_t)from % sizeof(word) * 8;
    const word *s = (const word *)(from - low / 8);
    word *t = (word *)to, before = *s++;
    for (; nbytes >= 2 * sizeof(word); nbytes -= sizeof(word)) {
        word next = *s++;
        *t++ = before >> low | next << (64 - low); /* little-endian */
        before = next;
    }
    return (size_t)((char *)t - to);
}

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes) {
    char *target = to;
    const char *source = from;
    if (nbytes >= 2 * sizeof(word)) {
        for (; !word_aligned(target); nbytes--)
            *target++ = *source++;
        size_t done = word_aligned(source) ? copy_words(target, source, nbytes)
                                           : copy_shifted(target, source, nbytes);
        target += done, source += done, nbytes -= done;
    }
    while (nbytes-- > 0)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t nbytes) {
    char *target = to;
    const char *source = from;
    if (target <= source || target >= source + nbytes) {
        for (size_t i = 0; i < nbytes; i++)
            target[i] = source[i];
    } else {
        for (size_t i = nbytes; i > 0; i--)
            target[i - 1] = source[i - 1];
    }
    return to;
}

void *memset(void *to, int value, size_t nbytes) {
    char *target = to;
    if (word_aligned(to)) {
        word pattern = (word)(unsigned char)value * UINT64_C(0x0101010101010101);
        for (; nbytes >= BLOCK; nbytes -= BLOCK, target += BLOCK) {
            word *t = (word *)target;
#pragma GCC unroll 32
            for (int i = 0; i < WORDS; i++)
                t[i] = pattern;
        }
        for (; nbytes >= sizeof(word); nbytes -= sizeof(word), target += sizeof(word))
            *(word *)target = pattern;
    }
    while (nbytes-- > 0)
        *target++ = (char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t nbytes) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < nbytes; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t string_length(const char *text) {
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

bool string_equal(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

bool string_starts_with(const char *text, const char *prefix) {
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

void string_copy(char *to, size_t size, const char *from) {
    size_t i = 0;
    for (; size > 0 && i < size - 1 && from[i]; i++)
        to[i] = from[i];
    if (size > 0)
        to[i] = 0;
}
