/* The C library's way to servers. */
#pragma once

#include <stddef.h>

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

/* Set errno from a result below 0. => the result, or -1 */
long service_result(long result);

/* One call: what goes to the server, and what comes back. */
struct service_call {
    long word[4]; /* word 0: the operation; afterwards: the server's words */
    const void *out;
    size_t out_bytes;
    void *in;
    size_t in_bytes;
};

/* => the server's result, >= 0; -1 and errno. A session that is none, or whose server is gone, is a
 * bad descriptor or an I/O error */
long service_call(int session, struct service_call *call);

/* The same to an open file: a number that is no descriptor is a bad one, whatever it is a handle
 * of, and an operation that this kind of file does not have is EINVAL. */
long file_call(int file, struct service_call *call);

/* Bring pages of a file into whole pages of ours, copy-on-write, by OP_MAP.
 * => bytes, fewer than nbytes where the file ends before; -errno; -ENODEV: it has no pages */
long file_pages(int file, void *pages, size_t nbytes, long offset);

/* => the number, or -EBADF when it is out of the range of descriptors */
long file_number(int file);

/* Put the path into the call. => the session that walks it, or -ENAMETOOLONG */
long service_path(const char *path, struct service_call *call);

/* A call whose reply is a new session, which becomes a descriptor. => its number, or -1 and errno
 */
int service_open(int session, struct service_call *call);
