/* What the heap and fork do for a program that called memory_fill (byre/memory.h). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

extern bool memory_filled;

/* Fork, and in the parent return with all that memory_fill made its own again. => as sys_fork */
long fork_filled(void);
