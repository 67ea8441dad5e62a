/* Messages of programs about themselves. */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/libc/start.h"

const char *getprogname(void) {
    const char *slash = strrchr(program_path, '/');
    return slash ? slash + 1 : program_path;
}

static void message(const char *format, va_list arguments, const char *error) {
    fflush(stdout);
    fprintf(stderr, "%s: ", getprogname());
    vfprintf(stderr, format, arguments);
    fprintf(stderr, error ? ": %s\n" : "\n", error);
    fflush(stderr);
}

void warn(const char *format, ...) {
    const char *error = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, error);
    va_end(arguments);
}

void warnx(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, NULL);
    va_end(arguments);
}

void err(int status, const char *format, ...) {
    const char *error = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, error);
    va_end(arguments);
    exit(status);
}

void errx(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, NULL);
    va_end(arguments);
    exit(status);
}
