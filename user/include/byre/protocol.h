/* What clients and servers say to each other. Word 0 of a call is the operation, words 1 to 3 are
 * its arguments; word 0 of the reply is a result >= 0 or a negative errno. An operation that a
 * session does not know is -ENOSYS. Paths and names travel in the out buffer and end with a 0. */
#pragma once

#include <stdint.h>

enum protocol_operation {
    /* Open files, pipes and the console. */
    OP_READ,      /* w1 bytes, w2 offset or PROTOCOL_CURRENT -> bytes read, data in the in buffer */
    OP_WRITE,     /* w1 bytes, w2 offset or PROTOCOL_CURRENT, data out -> bytes written */
    OP_SEEK,      /* w1 offset, w2 enum protocol_whence -> the new offset */
    OP_STAT,      /* -> struct protocol_stat in the in buffer */
    OP_TRUNCATE,  /* w1 size */
    OP_READDIR,   /* -> bytes of the struct protocol_entry records in the in buffer; 0 at the end */
    OP_ISATTY,    /* -> 1: a terminal */
    OP_FLAGS,     /* -> the OPEN_* flags that it has now */
    OP_SET_FLAGS, /* w1 OPEN_* flags: of them OPEN_APPEND and OPEN_NONBLOCK are taken */
    OP_CHMOD,     /* w1 permission bits */
    OP_MAP,       /* w1 offset, of whole pages -> bytes, and the file's pages from there in the in
                     buffer: shared copy-on-write if it begins at the start of a page. What the
                     last one has beyond the file's end is zero */

    /* Directories of the file server. A path that starts with / is taken from the root. */
    OP_OPEN,      /* w1 OPEN_* flags, w2 mode, path out -> a new session in w3 of the reply */
    OP_STAT_PATH, /* path out -> struct protocol_stat in the in buffer */
    OP_MKDIR,     /* w1 mode, path out */
    OP_UNLINK,    /* path out */
    OP_RMDIR,     /* path out */
    OP_LINK,      /* old and new path out, each ended by 0 */
    OP_RENAME,    /* old and new path out, each ended by 0 */
    OP_GETCWD,    /* -> length of the path, which is in the in buffer */

    /* Sessions of the file and the pipe server. */
    OP_CLIENT, /* on one of init's or the shell's -> the same for a new client, in w3 of the reply:
                  docs/user-land.md, "What clients may keep" */

    /* The pipe server. */
    OP_PIPE_CREATE, /* on HANDLE_PIPE -> the reading end in w3 of the reply */
    OP_PIPE_WRITER, /* on a reading end -> its writing end in w3 of the reply */

    /* The console's control. */
    OP_FOREGROUND, /* w1 = 1: the process handle in w3 joins the foreground job at place w2;
                       w1 = 0: no job -> 1: Ctrl-C has come since, 0: it has not */
};

#define PROTOCOL_CURRENT (-1L)   /* at the offset of the open file, which moves on */
#define PROTOCOL_PATH_MAX 4096   /* bytes of a path, its 0 included */
#define PROTOCOL_NAME_MAX 255    /* bytes of a name in a path */
#define PROTOCOL_PIPE_WHOLE 4096 /* a write of so many bytes goes into a pipe in one piece */

/* Flags of an open file. The values are Linux's O_*. */
enum protocol_open {
    OPEN_READ = 0,
    OPEN_WRITE = 1,
    OPEN_READ_WRITE = 2,
    OPEN_ACCESS = 3, /* the bits of these three */
    OPEN_CREATE = 0100,
    OPEN_EXCLUSIVE = 0200,
    OPEN_TRUNCATE = 01000,
    OPEN_APPEND = 02000,
    OPEN_NONBLOCK = 04000,
    OPEN_DIRECTORY = 0200000,
};

/* What a mode says beside its permission bits. The values are Linux's S_IF*. */
enum protocol_mode {
    MODE_PIPE = 0010000,
    MODE_DEVICE = 0020000, /* of characters */
    MODE_DIRECTORY = 0040000,
    MODE_FILE = 0100000,
    MODE_KIND = 0170000, /* the bits of these */

    MODE_PERMISSIONS = 07777,    /* that OP_CHMOD sets */
    MODE_PERMISSIONS_NEW = 0777, /* that a new file or directory may have */
};

/* Where OP_SEEK counts from. The values are Linux's SEEK_*. */
enum protocol_whence { WHENCE_START, WHENCE_CURRENT, WHENCE_END };

struct protocol_stat {
    uint32_t device; /* enum protocol_device */
    uint32_t mode;   /* enum protocol_mode, and permission bits */
    uint64_t inode;  /* a number of its own at this server */
    uint64_t links;
    uint64_t size;   /* bytes */
    uint64_t memory; /* bytes that it takes */
    uint64_t best;   /* bytes that are best read or written at a time */
};

/* Who serves it. */
enum protocol_device { DEVICE_FILES = 1, DEVICE_PIPES = 2, DEVICE_CONSOLE = 3 };

/* One name of a directory. */
struct protocol_entry {
    uint64_t inode;
    uint64_t offset; /* OP_SEEK to here, and OP_READDIR goes on behind this name */
    uint32_t nbytes; /* of this record; the next one begins there */
    uint32_t mode;
    char name[]; /* ends with a 0 */
};
#define PROTOCOL_ENTRY_MAX (24 + PROTOCOL_NAME_MAX + 1) /* bytes of a record, at most */
