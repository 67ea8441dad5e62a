/* Formatted text, for the kernel and for programs without a C library.
 *
 * Formats: %d %i %u %x %p %s %c %% with the lengths l, ll and z, a width, the flags 0, - and #, and
 * a precision for %s, as a number or as *. */
#pragma once

#include <stdarg.h>

#include "lib/types.h"

/* Formats into `buffer` of `size` bytes, always ended by 0 when size > 0.
 * returns: the length that the whole text has, as C's snprintf returns it */
size_t format_string(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments);

/* Gives the text to `write`, piece by piece. */
void format_to(void (*write)(const char *bytes, size_t nbytes), const char *format,
               va_list arguments);
