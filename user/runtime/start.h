/* The start of a program without a C library, and what it was started with.
 *
 * init and the servers are such programs: docs/user-land.md says why. Beside this folder they have
 * lib/ and the system calls (byre/syscall.h), and no error number but a negative result. */
#pragma once

#include "lib/types.h"

/* What the program supplies. The process ends with what it returns. */
int main(void);

/* => the text behind `name=` in the first argument that begins so, or NULL: there is none */
const char *argument_text(const char *name);

/* => the number there, or -1: there is no such argument */
long argument_number(const char *name);
