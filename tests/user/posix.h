/* What the POSIX suites share. A row is a call with the result and the errno that POSIX wants of
 * it; what else the call does shows in the rows below it. */
#pragma once

#include <stdbool.h>

#include "tests/user/user.h"

/* `error` 0: errno is not looked at. Pointers count too: a null one is 0. */
#define ROW(result, error, call)                                                                   \
    do {                                                                                           \
        errno = 0;                                                                                 \
        long row_found = (long)(call);                                                             \
        row_check(__FILE__, __LINE__, #call, (long)(result), (error), row_found);                  \
    } while (0)

void row_check(const char *file, int line, const char *call, long result, int error, long found);

/* A fresh current directory for files, and its end with all that is in it. */
void folder_enter(void);
void folder_leave(void);

/* Make or replace a file. => 0 */
int file_put(const char *name, const char *text);

/* => whether these are all its bytes */
bool file_is(const char *name, const char *text);

/* => whether the next bytes of the open file are these */
bool next_is(int file, const char *text);
