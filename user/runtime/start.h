/* The start of a program without a C library, and what it was started with.
 *
 * init and the servers are such programs: docs/user-land.md says why. Beside this folder they have
 * lib/ and the system calls (byre/syscall.h), and no error number but a negative result. */
#pragma once

#include "lib/types.h"

/* What the program supplies. The process ends with what it returns. */
int main(void);

/* Find the first argument `name=TEXT`. returns: TEXT; NULL: there is none */
const char *argument_text(const char *name);

/* Find the first argument `name=NUMBER`. returns: the number; -1: there is none */
long argument_number(const char *name);
