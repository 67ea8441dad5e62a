/* The initrd: a ustar archive in memory.
 *
 * It may be broken or hostile: every length is checked against what is left. */
#pragma once

#include "lib/types.h"

struct archive {
    const char *bytes;
    size_t nbytes;
};

/* MEMBER_LONG_NAME stays inside. */
enum member_kind { MEMBER_FILE, MEMBER_DIRECTORY, MEMBER_LONG_NAME, MEMBER_OTHER };

struct member {
    char name[1023];
    enum member_kind kind;
    unsigned mode; /* permission bits */
    const char *bytes;
    size_t nbytes;
};

/* The member at *offset; moves *offset on, from 0 at first.
 * returns: 1; 0: there are no more; -EINVAL: the archive is broken there */
int archive_next(const struct archive *archive, size_t *offset, struct member *member);
