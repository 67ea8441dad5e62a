#include "table.h"

#include <stdlib.h>
#include <string.h>

#define CHAINS 1024

static struct word *chains[CHAINS];
static size_t total;

static size_t chain_of(const char *text, size_t length) {
    size_t hash = 5381;
    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + (unsigned char)text[i];
    return hash % CHAINS;
}

int table_add(const char *text, size_t length) {
    struct word **link = &chains[chain_of(text, length)];
    while (*link && (strncmp((*link)->text, text, length) || (*link)->text[length]))
        link = &(*link)->next;
    if (!*link) {
        struct word *word = calloc(1, sizeof *word + length + 1);
        if (!word)
            return -1;
        memcpy(word->text, text, length);
        *link = word;
        total++;
    }
    (*link)->count++;
    return 0;
}

static int compare(const void *first, const void *second) {
    const struct word *a = *(struct word *const *)first, *b = *(struct word *const *)second;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->text, b->text);
}

struct word **table_sorted(size_t *nwords) {
    struct word **words = malloc((total + 1) * sizeof *words);
    *nwords = 0;
    if (!words)
        return NULL;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct word *word = chains[i]; word; word = word->next)
            words[(*nwords)++] = word;
    qsort(words, *nwords, sizeof *words, compare);
    return words;
}
