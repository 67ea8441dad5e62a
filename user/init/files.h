/* What init asks of the file server, by messages (docs/protocols.md). */
#pragma once

#include "lib/types.h"

/* Make a file with this content, or give it to one that is there. `path` is absolute.
 * returns: 0, or a negative errno: of the content less or nothing is there */
must_check long file_put(const char *path, unsigned mode, const char *bytes, size_t nbytes);

/* returns: 0, or a negative errno: -EEXIST when there is one already */
long directory_make(const char *path, unsigned mode);

/* Become the program in this file, with `nwords` arguments, its name included.
 * returns: a negative errno, or not at all */
long program_exec(const char *path, const char *const *words, uint32_t nwords);
