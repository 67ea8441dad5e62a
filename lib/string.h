/* The few string functions that the kernel needs, and those for memory. */
#pragma once

#include "lib/memory.h"
#include "lib/types.h"

size_t string_length(const char *text);
bool string_equal(const char *a, const char *b);
bool string_starts_with(const char *text, const char *prefix);

/* Copies as much of `from` as fits in `size` bytes, always ended by 0. */
void string_copy(char *to, size_t size, const char *from);
