/* Formatted printing to the kernel's console and into buffers.
 *
 * Formats: %d %i %u %x %p %s %c %% with the lengths l, ll and z, a width, and the flags 0 and -.
 * Lines of the kernel are for people: one line an event, its subject first. */
#pragma once

#include <stdarg.h>

#include "lib/types.h"

/* Where print() sends its bytes; the machine supplies it. */
void console_write(const char *bytes, size_t nbytes);

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_arguments(const char *format, va_list arguments);

/* Formats into `buffer` of `size` bytes, always ended by 0 when size > 0.
 * => the length that the whole text has, as C's snprintf returns it */
size_t format_string(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments);
