/* The environment. The list of strings is the process's own to change, and so may be the caller's,
 * the stack's from the start, or ours: only ours is ever made larger.
 *
 * A value that was replaced stays in memory, since getenv may have handed it out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/libc/service.h"

static char **list; /* ours, or NULL */

/* => 0: this cannot be a name */
static size_t name_length(const char *name) {
    size_t length = name ? strcspn(name, "=") : 0;
    return length && !name[length] ? length : 0;
}

/* => where the string of this name is, or NULL */
static char **place_find(const char *name, size_t length) {
    for (char **place = environ; length && place && *place; place++)
        if (strncmp(*place, name, length) == 0 && (*place)[length] == '=')
            return place;
    return NULL;
}

static int string_add(char *string) {
    size_t n = 0;
    while (environ && environ[n])
        n++;
    char **grown = realloc(environ == list ? list : NULL, (n + 2) * sizeof *grown);
    if (!grown)
        return -1;
    if (environ && environ != list) {
        memcpy(grown, environ, n * sizeof *grown);
        free(list);
    }
    list = environ = grown;
    list[n] = string;
    list[n + 1] = NULL;
    return 0;
}

char *getenv(const char *name) {
    size_t length = name_length(name);
    char **place = place_find(name, length);
    return place ? *place + length + 1 : NULL;
}

/* The string itself becomes part of the environment. */
int putenv(char *string) {
    size_t length = strcspn(string, "=");
    if (!string[length])
        return unsetenv(string);
    if (length == 0)
        return (int)service_result(-EINVAL);
    char **place = place_find(string, length);
    if (!place)
        return string_add(string);
    *place = string;
    return 0;
}

int setenv(const char *name, const char *value, int overwrite) {
    size_t length = name_length(name);
    char *string;
    if (length == 0)
        return (int)service_result(-EINVAL);
    if (!overwrite && place_find(name, length))
        return 0;
    if (asprintf(&string, "%s=%s", name, value) < 0)
        return (int)service_result(-ENOMEM);
    return putenv(string);
}

int unsetenv(const char *name) {
    size_t length = name_length(name);
    if (length == 0)
        return (int)service_result(-EINVAL);
    for (char **place; (place = place_find(name, length));)
        do
            place[0] = place[1];
        while (*place++);
    return 0;
}
