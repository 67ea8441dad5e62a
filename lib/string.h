/* The few string functions that the kernel and programs without a C library need. */
#pragma once

#include "lib/memory.h"
#include "lib/types.h"

/* returns: the place of the first such byte among nbytes, or nbytes: there is none */
size_t bytes_find(const void *bytes, size_t nbytes, char byte);

size_t string_length(const char *text);

/* returns: the place of the first such byte, or the text's length: there is none */
size_t string_find(const char *text, char byte);

/* returns: how many such bytes the text begins with; `byte` is not 0 */
size_t string_span(const char *text, char byte);

bool string_equal(const char *a, const char *b);
bool string_starts_with(const char *text, const char *prefix);

/* Copies as much of `from` as fits in `size` bytes, always ended by 0. */
void string_copy(char *to, size_t size, const char *from);

/* The number, not negative, that the text begins with, in digits 0..9a..f below `base`. What is too
 * large wraps. returns: what follows it */
const char *string_number(const char *text, unsigned base, uint64_t *number);
