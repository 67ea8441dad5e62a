/* Memory of programs without a C library: blocks, whole pages, and a fork that keeps them.
 *
 * All of it is there before it is touched, so that out of memory is an answer and never the end of
 * the program at a store. memory_fill (byre/memory.h) comes first. One thread only. */
#pragma once

#include "lib/types.h"

/* A block of at least so many bytes, aligned to 16, with any content.
 * returns: NULL: out of memory, and nothing changed
 * cost:    the same, however many blocks there are or were */
void *block_alloc(size_t nbytes);

/* Give it back. NULL is allowed. */
void block_free(void *block);

/* New pages, side by side, all zero. returns: NULL: out of memory, and nothing changed */
void *pages_map(size_t npages);

/* Give the frames of these pages back, whoever mapped them. Where the kernel has no memory for that
 * their addresses are not used again. */
void pages_unmap(void *pages, size_t npages);

/* Fork, and return to the parent with all data and stack its own again: where need be once the
 * child has called exec or ended. What pages_map gave is not in it. returns: as the system call
 * FORK */
long fork_filled(void);
