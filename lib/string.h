/* The four functions that a freestanding C compiler may call by itself (C11, 4 and GCC manual),
 * and the few string functions that the kernel needs. Meanings as in ISO C. */
#pragma once

#include "lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes);
void *memmove(void *to, const void *from, size_t nbytes);
void *memset(void *to, int value, size_t nbytes);
int memcmp(const void *a, const void *b, size_t nbytes);

size_t string_length(const char *text);
bool string_equal(const char *a, const char *b);
bool string_starts_with(const char *text, const char *prefix);

/* Copies as much of `from` as fits in `size` bytes, always ended by 0. */
void string_copy(char *to, size_t size, const char *from);
