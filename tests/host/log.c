/* The operations of a test as short lines, and names for its address spaces: tests/host/log.h. */
#include "tests/host/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/machine.h"

#define NAMED_MAX 1024

struct log *machine_log;

static struct {
    const struct aspace *as;
    char name[8];
} named[NAMED_MAX];
static size_t nnamed;

void machine_note(const char *format, ...) {
    if (!machine_log)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *line = machine_log->line[machine_log->n++ % LOG_LINES];
    (void)vsnprintf(line, LOG_WIDTH, format, arguments);
    va_end(arguments);
}

void log_result(long error, const char *name) {
    if (!machine_log || machine_log->n == 0)
        return;
    char *line = machine_log->line[(machine_log->n - 1) % LOG_LINES];
    size_t length = strlen(line);
    if (name)
        (void)snprintf(line + length, LOG_WIDTH - length, ": %s", name);
    else
        (void)snprintf(line + length, LOG_WIDTH - length, ": %ld", error);
}

void log_begin(void) {
    nnamed = 0;
    if (machine_log)
        machine_log->n = 0;
}

const char *space_name_new(const struct aspace *as) {
    size_t i = nnamed++ % NAMED_MAX;
    named[i].as = as;
    if (i < 26)
        (void)snprintf(named[i].name, sizeof named[i].name, "%c", (char)('A' + i));
    else
        (void)snprintf(named[i].name, sizeof named[i].name, "S%zu", i);
    return named[i].name;
}

/* The last one made at this address: the memory of one that is gone is used again. */
const char *space_name(const struct aspace *as) {
    if (!as)
        return "nothing";
    for (size_t i = nnamed < NAMED_MAX ? nnamed : NAMED_MAX; i-- > 0;)
        if (named[i].as == as)
            return named[i].name;
    return space_name_new(as);
}
