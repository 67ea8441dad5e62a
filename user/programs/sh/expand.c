/* What words become when they are run (POSIX, 2.6): ~, $, fields, file names, quotes away.
 *
 * While a field grows, \ stands before each byte that must not act as a pattern: one that was
 * quoted, and \ itself. So one text tells the pattern and, without the \, what was meant. */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/programs/sh/sh.h"

struct field {
    struct field *next;
    char *text;
};

struct expansion {
    struct text field;
    bool present;     /* the field is one, though it may be empty */
    bool split;       /* into fields, and these into file names */
    bool after_blank; /* a blank of IFS has just ended a field */
    struct field *first, **last;
    int count;
};

static void expand_text(struct expansion *e, const char *text, bool quoted);
static const char *part_expand(struct expansion *e, const char *at, bool quoted);

/* ---- Fields ---- */

static void unquote(char *text) {
    for (const char *from = text; *from; *text++ = *from++)
        from += from[0] == '\\' && from[1];
    *text = 0;
}

static void field_add(struct expansion *e, char *text) {
    struct field *field = room_take(sizeof *field);
    field->text = text;
    *e->last = field;
    e->last = &field->next;
    e->count++;
}

static bool is_pattern(const char *text) {
    for (; *text && !strchr("*?[", *text); text++)
        text += text[0] == '\\' && text[1];
    return *text;
}

/* The file names that match take the pattern's place. returns: false: there are none */
static bool names_add(struct expansion *e, const char *pattern) {
    glob_t found;
    int error = glob(pattern, 0, NULL, &found);
    if (error == GLOB_NOSPACE)
        fail(2, "out of memory");
    for (size_t i = 0; !error && i < found.gl_pathc; i++)
        field_add(e, room_text(found.gl_pathv[i], strlen(found.gl_pathv[i])));
    if (!error)
        globfree(&found);
    return !error;
}

static void field_end(struct expansion *e) {
    char *text = e->field.bytes ? e->field.bytes : room_text("", 0);
    e->field = (struct text){0};
    e->present = false;
    if (e->split && is_pattern(text) && names_add(e, text))
        return;
    unquote(text);
    field_add(e, text);
}

static void literal_add(struct expansion *e, char byte) {
    if (strchr("*?[]\\", byte))
        text_add(&e->field, '\\');
    text_add(&e->field, byte);
    e->present = true;
}

static void separator_add(struct expansion *e, bool blank) {
    if (e->present)
        field_end(e);
    else if (!blank && !e->after_blank)
        field_add(e, room_text("", 0));
    e->after_blank = blank;
}

/* What an expansion gave. */
static void value_add(struct expansion *e, const char *value, bool quoted) {
    const char *separators = variable_get("IFS");
    if (!separators)
        separators = " \t\n";
    for (; *value; value++) {
        if (quoted || *value == '\\') {
            literal_add(e, *value);
        } else if (e->split && strchr(separators, *value)) {
            separator_add(e, isspace((unsigned char)*value));
        } else {
            text_add(&e->field, *value);
            e->present = true;
            e->after_blank = false;
        }
    }
}

/* ---- Parameters ---- */

static char *number_text(long number) {
    char text[24];
    return room_text(text, (size_t)snprintf(text, sizeof text, "%ld", number));
}

/* All parameters in one text. */
static char *parameters_join(char separator) {
    struct text all = {0};
    for (int i = 0; i < parameters.count; i++) {
        if (i > 0 && separator)
            text_add(&all, separator);
        text_add_all(&all, parameters.values[i]);
    }
    return all.bytes;
}

static size_t name_length(const char *text) {
    size_t n = 0;
    if (*text && strchr("@*#?-$!", *text))
        return 1;
    bool digits = isdigit((unsigned char)*text);
    while (digits ? isdigit((unsigned char)text[n])
                  : isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

/* returns: NULL: it is not set */
static const char *parameter_value(const char *name) {
    const char *separators = variable_get("IFS");
    switch (*name) {
    case '@':
    case '*':
        return parameters_join(separators ? *separators : ' ');
    case '#':
        return number_text(parameters.count);
    case '?':
        return number_text(status);
    case '$':
        return number_text(shell_pid);
    case '!':
        return last_background ? number_text(last_background) : NULL;
    case '-':
        return interactive ? "i" : "";
    default:
        if (!isdigit((unsigned char)*name))
            return variable_get(name);
        int n = atoi(name);
        return n == 0 ? shell_name : n <= parameters.count ? parameters.values[n - 1] : NULL;
    }
}

/* $@ in quotes: each parameter is a field of its own. */
static void parameters_add(struct expansion *e, bool present_before) {
    if (parameters.count == 0 && !e->field.length)
        e->present = present_before;
    for (int i = 0; i < parameters.count; i++) {
        if (i > 0)
            field_end(e);
        e->present = true;
        value_add(e, parameters.values[i], true);
    }
}

/* What is left of the value without what the pattern matches at one end of it. */
static const char *trim(const char *value, const char *pattern, bool at_end, bool longest) {
    size_t length = strlen(value);
    char *part = room_text(value, length);
    for (size_t i = 0; i <= length; i++) {
        size_t matched = longest ? length - i : i;
        char *begin = part + (at_end ? length - matched : 0), kept = begin[matched];
        begin[matched] = 0;
        bool matches = fnmatch(pattern, begin, 0) == 0;
        begin[matched] = kept;
        if (matches)
            return at_end ? room_text(value, length - matched) : value + matched;
    }
    return value;
}

/* The word behind - or +. In quotes, quotes in it change nothing. */
static void instead_expand(struct expansion *e, const char *word, bool quoted) {
    if (!quoted)
        expand_text(e, word, false);
    while (quoted && *word)
        if (*word == '"')
            word++;
        else
            word = part_expand(e, word, true);
}

/* ${name and what follows it}, `text` being what is between the braces. */
static void braced_expand(struct expansion *e, const char *text, bool quoted, bool before) {
    bool measure = text[0] == '#' && text[1] && !(strchr("-+=?:%#", text[1]) && text[2]);
    text += measure;
    size_t length = name_length(text);
    char *name = room_text(text, length);
    const char *rest = text + length, *value = parameter_value(name);
    if (length == 0)
        fail(2, "${%s}: bad substitution", text);
    if (measure && !*rest) {
        value_add(e, number_text(value ? (long)strlen(value) : 0), quoted);
        return;
    }
    bool empty_too = *rest == ':';
    rest += empty_too;
    bool given = value && !(empty_too && !*value);
    char what = *rest;
    bool twice = what && rest[1] == what && (what == '%' || what == '#');
    if (what && (measure || !strchr("-=+?%#", what)))
        fail(2, "${%s}: bad substitution", text);
    if (what == '%' || what == '#') {
        value = value ? trim(value, expand_pattern(rest + 1 + twice), what == '%', twice) : NULL;
    } else if (what == '+' ? given : what == '-' && !given) {
        instead_expand(e, rest + 1, quoted);
        return;
    } else if (what == '+') {
        return;
    } else if (what == '=' && !given) {
        value = expand_one(rest + 1);
        variable_set(name, value);
    } else if (what == '?' && !given) {
        fail(2, "%s: %s", name, rest[1] ? expand_one(rest + 1) : "not set");
    }
    if (!value && expand_set_only && !what && *name != '@' && *name != '*')
        fail(2, "%s: not set", name);
    if (*name == '@' && quoted && !what)
        parameters_add(e, before);
    else
        value_add(e, value ? value : "", quoted);
}

/* ---- Commands ---- */

static void output_read(int file, struct text *output) {
    char bytes[512];
    ssize_t n;
    while ((n = read(file, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i])
                text_add(output, bytes[i]);
}

static void command_expand(struct expansion *e, const char *command, bool quoted) {
    struct text output = {0};
    int ends[2];
    if (pipe(ends) < 0)
        fail(2, "$(...): %s", strerror(errno));
    int pid = child_begin(-1, false);
    if (pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        run_text(command);
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
    if (pid > 0)
        output_read(ends[0], &output);
    close(ends[0]);
    if (pid < 0)
        fail(2, "$(...): %s", strerror(errno));
    status = child_status(pid);
    while (output.length && output.bytes[output.length - 1] == '\n')
        output.bytes[--output.length] = 0;
    value_add(e, output.length ? output.bytes : "", quoted);
}

/* `...`: \ before ` \ and $ is taken away (and before " in quotes) before it is run. */
static void backquoted_expand(struct expansion *e, const char *text, size_t length, bool quoted) {
    struct text command = {0};
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length &&
            (strchr("`\\$", text[i + 1]) || (quoted && text[i + 1] == '"')))
            i++;
        text_add(&command, text[i]);
    }
    command_expand(e, command.bytes ? command.bytes : "", quoted);
}

/* ---- Words ---- */

/* What begins with $ here. returns: behind it */
static const char *dollar_expand(struct expansion *e, const char *at, bool quoted, bool before) {
    size_t length = part_length(at);
    if (at[1] == '(' && at[2] == '(') {
        value_add(e, number_text(arithmetic(expand_here(room_text(at + 3, length - 5)))), quoted);
        return at + length;
    }
    if (at[1] == '(') {
        command_expand(e, room_text(at + 2, length - 3), quoted);
        return at + length;
    }
    if (at[1] == '{') {
        braced_expand(e, room_text(at + 2, length - 3), quoted, before);
        return at + length;
    }
    length = isdigit((unsigned char)at[1]) ? 1 : name_length(at + 1);
    if (length == 0) {
        literal_add(e, '$');
        return at + 1;
    }
    braced_expand(e, room_text(at + 1, length), quoted, before);
    return at + 1 + length;
}

/* returns: behind the quote that closes */
static const char *quoted_expand(struct expansion *e, const char *at) {
    size_t length = part_length(at);
    char *inner = room_text(at + 1, length - 2);
    bool before = e->present;
    e->present = true;
    if (*at == '\'')
        for (const char *byte = inner; *byte; byte++)
            literal_add(e, *byte);
    else if (strcmp(inner, "$@") == 0)
        parameters_add(e, before);
    else
        expand_text(e, inner, true);
    return at + length;
}

static const char *home_expand(struct expansion *e, const char *at) {
    const char *home = variable_get("HOME");
    bool alone = at[1] == 0 || at[1] == '/';
    value_add(e, alone && home ? home : "~", true);
    return at + 1;
}

static const char *part_expand(struct expansion *e, const char *at, bool quoted) {
    if (*at == '$')
        return dollar_expand(e, at, quoted, e->present);
    if (*at == '`') {
        size_t length = part_length(at);
        backquoted_expand(e, at + 1, length - 2, quoted);
        return at + length;
    }
    if (!quoted && (*at == '"' || *at == '\''))
        return quoted_expand(e, at);
    if (*at == '\\' && at[1] == '\n')
        return at + 2;
    if (*at == '\\' && at[1] && (!quoted || strchr("\\\"$`", at[1]))) {
        literal_add(e, at[1]);
        return at + 2;
    }
    if (quoted || *at == '\\') {
        literal_add(e, *at);
    } else {
        text_add(&e->field, *at);
        e->present = true;
    }
    e->after_blank = false;
    return at + 1;
}

static void expand_text(struct expansion *e, const char *text, bool quoted) {
    if (!quoted && *text == '~' && !e->present)
        text = home_expand(e, text);
    while (*text)
        text = part_expand(e, text, quoted);
}

char **expand_words(const struct word *words, int *count) {
    struct expansion e = {.split = true};
    e.last = &e.first;
    for (; words; words = words->next) {
        e.after_blank = false;
        expand_text(&e, words->text, false);
        if (e.present)
            field_end(&e);
    }
    char **fields = room_take(((size_t)e.count + 1) * sizeof *fields), **to = fields;
    for (struct field *field = e.first; field; field = field->next)
        *to++ = field->text;
    *count = e.count;
    return fields;
}

char *expand_pattern(const char *word) {
    struct expansion e = {0};
    expand_text(&e, word, false);
    return e.field.bytes ? e.field.bytes : room_text("", 0);
}

char *expand_one(const char *word) {
    char *text = expand_pattern(word);
    unquote(text);
    return text;
}

/* Quotes are bytes like others here. */
char *expand_here(const char *text) {
    struct expansion e = {0};
    for (; *text;) {
        if (*text == '"' || (text[0] == '\\' && text[1] == '"'))
            literal_add(&e, *text++);
        else
            text = part_expand(&e, text, true);
    }
    char *result = e.field.bytes ? e.field.bytes : room_text("", 0);
    unquote(result);
    return result;
}
