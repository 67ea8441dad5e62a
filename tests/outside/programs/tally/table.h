/* Words and how often each was seen. */
#pragma once

#include <stddef.h>

struct word {
    struct word *next;
    unsigned long count;
    char text[];
};

/* => 0, or -1: no memory */
int table_add(const char *text, size_t length);

/* => all words, the commonest first and equals by their letters; malloc'ed; NULL: no memory */
struct word **table_sorted(size_t *nwords);
