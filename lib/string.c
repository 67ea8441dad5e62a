/* A few functions for strings. */
#include "lib/string.h"

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
