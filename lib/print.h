/* Printing to the kernel's console. The formats are those of lib/format.h.
 *
 * Lines of the kernel are for people: one line an event, its subject first. */
#pragma once

#include <stdarg.h>

#include "lib/types.h"

/* Where print() sends its bytes; the machine supplies it. Those of one call stay together. */
void console_write(const char *bytes, size_t nbytes);

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_arguments(const char *format, va_list arguments);
