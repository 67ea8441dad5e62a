/* Printing to the console. */
#include "lib/print.h"

#include "lib/format.h"

void print_arguments(const char *format, va_list arguments) {
    format_to(console_write, format, arguments);
}

void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_arguments(format, arguments);
    va_end(arguments);
}
