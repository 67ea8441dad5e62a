/* What memory and fork do for a program that called memory_fill (byre/memory.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern bool byre_memory_filled;

/* Make fresh memory present, if this program wants it so.
 * returns: 0, or a negative errno: some of it may be */
long byre_fill_new(uintptr_t address, size_t nbytes);

/* Fork, and in the parent return with all its memory its own again.
 * returns: as sys_fork */
long byre_fork_filled(void);
