/* test, and [ ]: questions about files, texts and numbers (POSIX, test). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/programs/sh/sh.h"

#define YES 0
#define NO 1
#define ERROR 2

static char **at, **end; /* the words that are left */
static bool wrong;

static bool expression(void);

static bool complain(const char *what, const char *word) {
    fprintf(stderr, "test: %s%s\n", word, what);
    wrong = true;
    return false;
}

static bool file_is(char what, const char *path) {
    struct stat about;
    if (what == 'r' || what == 'w' || what == 'x')
        return access(path, what == 'r' ? R_OK : what == 'w' ? W_OK : X_OK) == 0;
    if (what == 'h' || what == 'L')
        return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
    if (stat(path, &about) < 0)
        return false;
    switch (what) {
    case 'd':
        return S_ISDIR(about.st_mode);
    case 'f':
        return S_ISREG(about.st_mode);
    case 'c':
        return S_ISCHR(about.st_mode);
    case 'b':
        return S_ISBLK(about.st_mode);
    case 'p':
        return S_ISFIFO(about.st_mode);
    case 's':
        return about.st_size > 0;
    default:
        return true; /* -e */
    }
}

static long number(const char *word) {
    char *rest;
    long value = strtol(word, &rest, 10);
    if (!*word || *rest)
        (void)complain(": not a number", word);
    return value;
}

static bool is_binary(const char *word) {
    static const char *const words[] = {"=",   "!=",  "-eq", "-ne", "-lt",
                                        "-le", "-gt", "-ge", "<",   ">"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool binary(const char *a, const char *what, const char *b) {
    if (what[0] != '-')
        return what[0] == '='   ? strcmp(a, b) == 0
               : what[0] == '!' ? strcmp(a, b) != 0
               : what[0] == '<' ? strcmp(a, b) < 0
                                : strcmp(a, b) > 0;
    long x = number(a), y = number(b);
    switch (what[1] << 8 | what[2]) {
    case 'e' << 8 | 'q':
        return x == y;
    case 'n' << 8 | 'e':
        return x != y;
    case 'l' << 8 | 't':
        return x < y;
    case 'l' << 8 | 'e':
        return x <= y;
    case 'g' << 8 | 't':
        return x > y;
    default:
        return x >= y;
    }
}

static bool primary(void) {
    const char *word = *at;
    if (!word)
        return complain("a word is missing", "");
    if (end - at >= 3 && is_binary(at[1])) {
        at += 3;
        return binary(at[-3], at[-2], at[-1]);
    }
    if (strcmp(word, "!") == 0 && end - at > 1) {
        at++;
        return !primary();
    }
    if (strcmp(word, "(") == 0 && end - at > 2) {
        at++;
        bool value = expression();
        if (at == end || strcmp(*at++, ")") != 0)
            return complain(") is missing", "");
        return value;
    }
    if (word[0] == '-' && word[1] && !word[2] && end - at > 1) {
        at += 2;
        const char *operand = at[-1];
        if (word[1] == 'n' || word[1] == 'z')
            return (*operand != 0) == (word[1] == 'n');
        if (word[1] == 't')
            return isatty(atoi(operand));
        if (strchr("bcdefhLprswx", word[1]))
            return file_is(word[1], operand);
        return complain(": not a question that test knows", word);
    }
    at++;
    return *word;
}

static bool conjunction(void) {
    bool value = primary();
    while (at < end && strcmp(*at, "-a") == 0) {
        at++;
        value = primary() && value;
    }
    return value;
}

static bool expression(void) {
    bool value = conjunction();
    while (at < end && strcmp(*at, "-o") == 0) {
        at++;
        value = conjunction() || value;
    }
    return value;
}

int test_command(int argc, char **argv) {
    at = argv + 1;
    end = argv + argc;
    wrong = false;
    if (strcmp(argv[0], "[") == 0 && strcmp(*--end, "]") != 0) {
        (void)complain("] is missing", "");
        return ERROR;
    }
    if (at >= end)
        return NO;
    bool value = expression();
    if (!wrong && at < end)
        (void)complain(": not expected", *at);
    return wrong ? ERROR : value ? YES : NO;
}
