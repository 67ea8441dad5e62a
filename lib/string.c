/* A few functions for strings. */
#include "lib/string.h"

size_t bytes_find(const void *bytes, size_t nbytes, char byte) {
    const char *at = bytes;
    size_t i = 0;
    while (i < nbytes && at[i] != byte)
        i++;
    return i;
}

size_t string_length(const char *text) { return bytes_find(text, SIZE_MAX, 0); }

size_t string_find(const char *text, char byte) {
    size_t i = 0;
    while (text[i] && text[i] != byte)
        i++;
    return i;
}

size_t string_span(const char *text, char byte) {
    size_t n = 0;
    while (text[n] == byte)
        n++;
    return n;
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

static unsigned digit_value(char digit) {
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    return digit >= 'a' && digit <= 'f' ? (unsigned)(digit - 'a') + 10 : UINT32_MAX;
}

const char *string_number(const char *text, unsigned base, uint64_t *number) {
    *number = 0;
    for (; digit_value(*text) < base; text++)
        *number = *number * base + digit_value(*text);
    return text;
}
