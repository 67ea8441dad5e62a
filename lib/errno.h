/* Error numbers. Kernel functions return 0 or a positive result, or one of these negated.
 * The values are those of the C library that user programs link (user/libc/errno_check.c
 * proves it), so that a negated system-call result is an errno. */
#pragma once

#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define E2BIG 7
#define ENOEXEC 8
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define EMFILE 24
#define EPIPE 32
#define ERANGE 34
#define ENOSYS 88
#define ECONNRESET 104
#define ETIMEDOUT 116
#define EMSGSIZE 122
#define EOVERFLOW 139
