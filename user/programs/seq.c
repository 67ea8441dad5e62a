/* seq [FIRST [STEP]] LAST: whole numbers, a line each. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static long number(const char *text) {
    char *rest;
    long value = strtol(text, &rest, 10);
    if (!*text || *rest)
        errx(2, "%s: not a whole number", text);
    return value;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 4)
        errx(2, "usage: seq [FIRST [STEP]] LAST");
    long first = argc > 2 ? number(argv[1]) : 1, step = argc > 3 ? number(argv[2]) : 1;
    long last = number(argv[argc - 1]);
    if (step == 0)
        errx(2, "the step is 0");
    for (long i = first; step > 0 ? i <= last : i >= last;) {
        printf("%ld\n", i);
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    return fflush(stdout) < 0;
}
