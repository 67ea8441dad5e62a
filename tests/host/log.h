/* The operations of a test as short lines, kept where they outlive a crash. */
#pragma once

#include <stddef.h>

#define LOG_LINES 24 /* the last ones */
#define LOG_WIDTH 120

struct aspace;

struct log {
    size_t n; /* lines written so far; the last LOG_LINES are there */
    char line[LOG_LINES][LOG_WIDTH];
};

/* Where machine_note writes; NULL: nowhere. */
extern struct log *machine_log;

/* Begin anew: no lines, no names. */
void log_begin(void);

/* Add a result to the last line; name NULL: as a number. */
void log_result(long error, const char *name);

/* A new address space gets the next name. */
const char *space_name_new(const struct aspace *as);
