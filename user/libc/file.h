/* What the calls by descriptor share with those by name. */
#pragma once

#include <sys/stat.h>

#include "byre/protocol.h"

/* Permission bits that new files and directories do not get: umask. */
extern long byre_creation_mask;

void byre_stat_fill(struct stat *to, const struct protocol_stat *from);
