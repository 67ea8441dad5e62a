/* Printing to the console, in pieces that no other hart's text comes between. */
#include "lib/print.h"

#include "lib/format.h"

#define LINE_BYTES 256

void print_arguments(const char *format, va_list arguments) {
    char line[LINE_BYTES];
    va_list again;
    va_copy(again, arguments);
    size_t length = format_arguments(line, sizeof line, format, arguments);
    if (length < sizeof line)
        console_write(line, length);
    else
        format_to(console_write, format, again);
    va_end(again);
}

void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_arguments(format, arguments);
    va_end(arguments);
}
