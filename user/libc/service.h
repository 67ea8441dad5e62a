/* The C library's way to servers. Nothing here sets errno: results below 0 are negative errnos. */
#pragma once

#include <stddef.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

#define BYRE_OPEN_MAX 256 /* descriptors: the handles from 0 on, below those of byre/handles.h */

/* One call: what goes to the server, and what comes back. */
struct service_call {
    long word[4]; /* word 0: the operation; afterwards: the server's words */
    const void *out;
    size_t out_bytes;
    void *in;
    size_t in_bytes;
};

/* One call to whatever session this is.
 * returns: the server's result, at least 0
 *          -EBADF, -EIO: the session is none, or its server is gone; or the server's errno */
long byre_service(int session, struct service_call *call);

/* The same to an open file.
 * returns: also -EBADF: the number is no descriptor, whatever it is a handle of
 *          -EINVAL: this kind of file does not have the operation */
long byre_file(int file, struct service_call *call);

/* A call whose reply is a new session, which becomes a descriptor.
 * returns: its number, or a negative errno: nothing was opened */
long byre_service_open(int session, struct service_call *call);

/* returns: the number, or -EBADF when it is out of the range of descriptors */
long byre_file_number(long file);

/* Bring pages of a file into whole pages of ours, copy-on-write, by OP_MAP.
 * needs:   offset of whole pages
 * returns: bytes, fewer than nbytes where the file ends before
 *          -ENODEV: this kind of file has no pages; another negative errno */
long byre_file_pages(int file, void *pages, size_t nbytes, long offset);

/* Put the path into the call.
 * needs:   directory: a descriptor, or AT_FDCWD
 * returns: the session that walks the path
 *          -EFAULT, -ENAMETOOLONG, -EBADF (the directory is no descriptor) */
long byre_path(long directory, const char *path, struct service_call *call);
