/* $(( )): C's expressions with signed long, without ++ and -- (POSIX, 2.6.4). Overflow wraps. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/programs/sh/sh.h"

static const char *at; /* what is left of the expression */
static int skipping;   /* what && || ?: do not need has no effects, and divides by nothing */

static long assignment(void);

/* How long the operator is that stands here: the longest that fits. */
static size_t operator_length(void) {
    static const char *const long_ones[] = {"<<=", ">>=", "<<", ">>", "<=", ">=", "==", "!=", "&&",
                                            "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^="};
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++)
        if (strncmp(at, long_ones[i], strlen(long_ones[i])) == 0)
            return strlen(long_ones[i]);
    return *at != 0;
}

static bool accept(const char *operator) {
    while (isspace((unsigned char)*at))
        at++;
    size_t length = operator_length();
    if (length != strlen(operator) || strncmp(at, operator, length) != 0)
        return false;
    at += length;
    return true;
}

static long number_of(const char *text) {
    char *end;
    long number = strtol(text, &end, 0);
    while (isspace((unsigned char)*end))
        end++;
    if (*end)
        fail(2, "arithmetic: '%s' is not a number", text);
    return number;
}

static char *name_read(void) {
    const char *begin = at;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return room_text(begin, (size_t)(at - begin));
}

static long primary(void) {
    if (accept("(")) {
        long value = assignment();
        if (!accept(")"))
            fail(2, "arithmetic: ) is missing");
        return value;
    }
    if (isdigit((unsigned char)*at)) {
        char *end;
        long value = strtol(at, &end, 0);
        at = end;
        return value;
    }
    if (!isalpha((unsigned char)*at) && *at != '_')
        fail(2, "arithmetic: '%s' is not expected", at);
    const char *value = variable_get(name_read());
    return value && *value ? number_of(value) : 0;
}

static long unary(void) {
    if (accept("-"))
        return (long)(0 - (unsigned long)unary());
    if (accept("+"))
        return unary();
    if (accept("!"))
        return !unary();
    if (accept("~"))
        return ~unary();
    return primary();
}

static const struct {
    const char *name;
    int level; /* 0 binds least */
} operators[] = {{"||", 0}, {"&&", 1}, {"|", 2},  {"^", 3},  {"&", 4},  {"==", 5},
                 {"!=", 5}, {"<=", 6}, {">=", 6}, {"<<", 7}, {">>", 7}, {"<", 6},
                 {">", 6},  {"+", 8},  {"-", 8},  {"*", 9},  {"/", 9},  {"%", 9}};
#define LEVELS 10

static long divide(char what, long a, long b) {
    if (b == 0 && !skipping)
        fail(2, "arithmetic: division by zero");
    if (b == 0 || b == -1)
        return what == '/' ? (long)(0 - (unsigned long)a) : 0;
    return what == '/' ? a / b : a % b;
}

static long apply(const char *name, long a, long b) {
    unsigned long x = (unsigned long)a, y = (unsigned long)b;
    switch (name[0]) {
    case '|':
        return a | b;
    case '^':
        return a ^ b;
    case '&':
        return a & b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return name[1] == '<' ? (long)(x << (y & 63)) : name[1] ? a <= b : a < b;
    case '>':
        return name[1] == '>' ? a >> (y & 63) : name[1] ? a >= b : a > b;
    case '+':
        return (long)(x + y);
    case '-':
        return (long)(x - y);
    case '*':
        return (long)(x * y);
    default:
        return divide(name[0], a, b);
    }
}

static long binary(int level) {
    if (level == LEVELS)
        return unary();
    long value = binary(level + 1);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].level != level || !accept(operators[i].name))
            continue;
        bool decided = (level == 0 && value) || (level == 1 && !value);
        skipping += decided;
        long right = binary(level + 1);
        skipping -= decided;
        value = level == 0   ? value || right
                : level == 1 ? value && right
                             : apply(operators[i].name, value, right);
        i = (size_t)-1; /* there may be more of this level */
    }
    return value;
}

static long conditional(void) {
    long condition = binary(0);
    if (!accept("?"))
        return condition;
    skipping += !condition;
    long yes = assignment();
    skipping -= !condition;
    if (!accept(":"))
        fail(2, "arithmetic: : is missing");
    skipping += condition != 0;
    long no = conditional();
    skipping -= condition != 0;
    return condition ? yes : no;
}

/* NAME = ..., NAME += ... and its kin, or no assignment. */
static long assignment(void) {
    static const char *const with[] = {
        "=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="};
    while (isspace((unsigned char)*at))
        at++;
    const char *begin = at;
    if (isalpha((unsigned char)*at) || *at == '_') {
        char *name = name_read(), text[24];
        for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
            if (!accept(with[i]))
                continue;
            const char *now = variable_get(name);
            long value = assignment();
            if (i > 0)
                value = apply(with[i], now && *now ? number_of(now) : 0, value);
            snprintf(text, sizeof text, "%ld", value);
            if (!skipping)
                variable_set(name, text);
            return value;
        }
    }
    at = begin;
    return conditional();
}

long arithmetic(const char *text) {
    const char *outer = at;
    at = text;
    skipping = 0;
    long value = assignment();
    while (isspace((unsigned char)*at))
        at++;
    if (*at)
        fail(2, "arithmetic: '%s' is not expected", at);
    at = outer;
    return value;
}
