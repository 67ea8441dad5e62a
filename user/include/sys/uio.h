/* Reading into and writing out of several buffers (POSIX <sys/uio.h>). */
#pragma once

#include <sys/types.h>

struct iovec {
    void *iov_base;
    size_t iov_len;
};

ssize_t readv(int file, const struct iovec *parts, int nparts);
ssize_t writev(int file, const struct iovec *parts, int nparts);
