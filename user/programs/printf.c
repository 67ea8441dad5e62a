/* printf FORMAT [ARGUMENT...]: formatted, again and again while there are arguments. */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **arguments;
static int status;
static bool stopped; /* by \c */

static const char *next(void) { return *arguments ? *arguments++ : ""; }

/* What stands behind a backslash. returns: behind it */
static const char *escape(const char *at) {
    const char *names = "abfnrtv\\\"'", *values = "\a\b\f\n\r\t\v\\\"'", *found;
    if (*at >= '0' && *at <= '7') {
        int value = 0;
        for (int i = 0; i < 3 && *at >= '0' && *at <= '7'; i++)
            value = value * 8 + *at++ - '0';
        putchar(value);
        return at;
    }
    if (*at == 'c') {
        stopped = true;
        return at + 1;
    }
    found = *at ? strchr(names, *at) : NULL;
    if (!found) {
        putchar('\\');
        return at;
    }
    putchar(values[found - names]);
    return at + 1;
}

static void escaped_put(const char *text) {
    while (*text && !stopped)
        if (*text != '\\')
            putchar(*text++);
        else
            text = escape(text[1] == '0' ? text + 2 : text + 1);
}

/* A number, or a quote and a byte. */
static long long number(void) {
    const char *text = next();
    char *rest;
    if (*text == '"' || *text == '\'')
        return (unsigned char)text[1];
    long long value = strtoll(text, &rest, 0);
    if (*rest) {
        warnx("%s: not a number", text);
        status = 1;
    }
    return value;
}

/* One conversion, which begins at %. returns: behind it */
static const char *convert(const char *at) {
    char form[64];
    size_t n = strspn(at + 1, "-+ #0123456789.") + 1;
    char what = at[n];
    if (what == '%' && n == 1) {
        putchar('%');
        return at + 2;
    }
    if (!what || !strchr("diouxXcsbfeEgG", what) || n > sizeof form - 5)
        errx(2, "%s: not a conversion that is known", at);
    memcpy(form, at, n);
    bool whole = strchr("diouxX", what);
    snprintf(form + n, sizeof form - n, "%s%c", whole ? "ll" : "", what);
    if (whole)
        printf(form, number());
    else if (what == 's')
        printf(form, next());
    else if (what == 'b')
        escaped_put(next());
    else if (what == 'c')
        printf(form, *next());
    else
        printf(form, strtod(next(), NULL));
    return at + n + 1;
}

int main(int argc, char **argv) {
    if (argc < 2)
        errx(2, "usage: printf FORMAT [ARGUMENT...]");
    arguments = argv + 2;
    char **before;
    do {
        before = arguments;
        for (const char *at = argv[1]; *at && !stopped;) {
            if (*at == '%')
                at = convert(at);
            else if (*at == '\\')
                at = escape(at + 1);
            else
                putchar(*at++);
        }
    } while (*arguments && arguments != before && !stopped);
    return status || fflush(stdout) < 0;
}
