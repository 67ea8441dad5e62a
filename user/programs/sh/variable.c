/* Variables, and what of them programs are given. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "user/programs/sh/sh.h"

struct variable {
    struct variable *next;
    char *value; /* NULL: exported, and not set */
    bool exported;
    char name[];
};

static struct variable *variables;
struct parameters parameters, first_parameters;
const char *shell_name = "sh";

bool is_name(const char *text, size_t nbytes) {
    if (nbytes == 0 || isdigit((unsigned char)*text))
        return false;
    for (size_t i = 0; i < nbytes; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return true;
}

const char *assignment_value(const char *word) {
    const char *equals = strchr(word, '=');
    return equals && is_name(word, (size_t)(equals - word)) ? equals + 1 : NULL;
}

static struct variable *variable_find(const char *name) {
    struct variable *variable = variables;
    while (variable && strcmp(variable->name, name) != 0)
        variable = variable->next;
    return variable;
}

static struct variable *variable_ensure(const char *name) {
    struct variable *variable = variable_find(name);
    if (variable)
        return variable;
    variable = calloc(1, sizeof *variable + strlen(name) + 1);
    if (!variable)
        fail(2, "out of memory");
    strcpy(variable->name, name);
    variable->next = variables;
    return variables = variable;
}

const char *variable_get(const char *name) {
    const struct variable *variable = variable_find(name);
    return variable ? variable->value : NULL;
}

void variable_set(const char *name, const char *value) {
    char *copy = strdup(value);
    if (!copy)
        fail(2, "out of memory");
    struct variable *variable = variable_ensure(name);
    free(variable->value);
    variable->value = copy;
}

void variable_export(const char *name) { variable_ensure(name)->exported = true; }

void variable_unset(const char *name) {
    struct variable **link = &variables;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    if (!*link)
        return;
    struct variable *variable = *link;
    *link = variable->next;
    free(variable->value);
    free(variable);
}

char **environment(void) {
    size_t count = 0;
    for (struct variable *variable = variables; variable; variable = variable->next)
        count++;
    char **all = room_take((count + 1) * sizeof *all), **to = all;
    for (struct variable *variable = variables; variable; variable = variable->next) {
        struct text text = {0};
        if (!variable->exported || !variable->value)
            continue;
        text_add_all(&text, variable->name);
        text_add(&text, '=');
        text_add_all(&text, variable->value);
        *to++ = text.bytes;
    }
    return all;
}
