/* picolibc's <stdio.h>, and what POSIX has beyond it. */
#pragma once

#include_next <stdio.h>
#include <stdarg.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
ssize_t getline(char **restrict line, size_t *restrict nbytes, FILE *restrict stream);
ssize_t getdelim(char **restrict line, size_t *restrict nbytes, int delimiter,
                 FILE *restrict stream);
int dprintf(int file, const char *restrict format, ...) __attribute__((format(printf, 2, 3)));
int vdprintf(int file, const char *restrict format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
void flockfile(FILE *stream);
void funlockfile(FILE *stream);
int ftrylockfile(FILE *stream);
int getc_unlocked(FILE *stream);
int getchar_unlocked(void);
int putc_unlocked(int byte, FILE *stream);
int putchar_unlocked(int byte);
FILE *popen(const char *command, const char *mode);
int pclose(FILE *stream);
#ifdef __cplusplus
}
#endif
