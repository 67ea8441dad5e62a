/* Open files: what a session of the file server stands for, and what can be done with one.
 *
 * An open file has the offset, so that fork and dup share it. Requests are taken as they came:
 * each function looks at their words and buffers itself, and returns the answer's word 0. */
#pragma once

#include "user/servers/ramfs/node.h"
#include "user/servers/server.h"

struct open_file {
    struct node *node;
    struct client *client;
    int flags;       /* enum protocol_open */
    uint64_t offset; /* of a directory: the place of the next name */

    /* Where the last OP_READDIR ended, while nothing has left the directory. */
    struct entry *next;
    uint64_t nremoved;
};

/* returns: an open file with offset 0; NULL: out of memory, or the client's limit */
struct open_file *file_create(struct client *client, struct node *node, int flags);

void file_free(struct open_file *file);

/* One operation each: docs/protocols.md says what they answer. */
long file_read(struct open_file *file, struct request *request);
long file_write(struct open_file *file, struct request *request);
long file_seek(struct open_file *file, long offset, long whence);
long file_truncate(struct open_file *file, long size);
long file_map(struct open_file *file, struct request *request);
long file_set_flags(struct open_file *file, int flags);
long file_chmod(struct open_file *file, unsigned mode);
long directory_read(struct open_file *file, struct request *request);
long node_stat(const struct node *node, struct request *request);
