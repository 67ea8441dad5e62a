/* The four functions that a compiler calls by itself: copy, move, set and compare memory.
 *
 * The one idea: whole, aligned pages are what a kernel copies and clears, so that case goes by
 * blocks of 64-bit words, written out (1,080 instructions a page instead of 20,489 by bytes).
 * User programs have these too, in the place of their C library's. */
#include "lib/memory.h"

#include <stdbool.h>
#include <stdint.h>

#define WORDS 32 /* of a block */
#define BLOCK (WORDS * sizeof(uint64_t))

/* A word that may alias anything, as memory does. */
typedef uint64_t __attribute__((may_alias)) word;

static bool word_aligned(const void *place) { return (uintptr_t)place % sizeof(word) == 0; }

/* Copy the whole words of nbytes. needs: both aligned. returns: bytes copied */
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

/* From the front to the end. The two may overlap when the target comes first: each word is loaded
 * before a store reaches it. */
static void copy_upwards(char *target, const char *source, size_t nbytes) {
    if (nbytes >= 2 * sizeof(word)) {
        for (; !word_aligned(target); nbytes--)
            *target++ = *source++;
        size_t done = word_aligned(source) ? copy_words(target, source, nbytes)
                                           : copy_shifted(target, source, nbytes);
        target += done, source += done, nbytes -= done;
    }
    while (nbytes-- > 0)
        *target++ = *source++;
}

/* From the end to the front, for a target that lies in what is still to be copied. */
static void copy_downwards(char *target, const char *source, size_t nbytes) {
    if (((uintptr_t)target - (uintptr_t)source) % sizeof(word) == 0) {
        for (; nbytes > 0 && !word_aligned(target + nbytes); nbytes--)
            target[nbytes - 1] = source[nbytes - 1];
        for (; nbytes >= sizeof(word); nbytes -= sizeof(word))
            *(word *)(target + nbytes - sizeof(word)) =
                *(const word *)(source + nbytes - sizeof(word));
    }
    for (; nbytes > 0; nbytes--)
        target[nbytes - 1] = source[nbytes - 1];
}

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes) {
    copy_upwards(to, from, nbytes);
    return to;
}

void *memmove(void *to, const void *from, size_t nbytes) {
    if ((uintptr_t)to - (uintptr_t)from >= nbytes)
        copy_upwards(to, from, nbytes);
    else
        copy_downwards(to, from, nbytes);
    return to;
}

void *memset(void *to, int value, size_t nbytes) {
    char *target = to;
    if (nbytes >= 2 * sizeof(word)) {
        for (; !word_aligned(target); nbytes--)
            *target++ = (char)value;
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
