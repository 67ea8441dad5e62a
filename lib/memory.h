/* The four functions that a freestanding C compiler may call by itself (C11, 4 and GCC manual).
 * Meanings as in ISO C. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes);
void *memmove(void *to, const void *from, size_t nbytes);
void *memset(void *to, int value, size_t nbytes);
int memcmp(const void *a, const void *b, size_t nbytes);
