/* Calls to servers: results become errno. */
#include "user/libc/service.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

long service_result(long result) {
    if (result >= 0)
        return result;
    errno = (int)-result;
    return -1;
}

/* => MESSAGE_HANDLE when word 3 is a handle of ours now, 0 otherwise; -1 and errno */
static long transact(int session, struct service_call *call) {
    long error =
        sys_call(session, call->word, call->out, call->out_bytes, call->in, call->in_bytes, 0);
    if (error == -ECONNRESET)
        error = -EIO;
    return error < 0 ? service_result(error) : error >> 32;
}

long service_call(int session, struct service_call *call) {
    long flags = transact(session, call);
    return flags < 0 ? -1 : service_result(call->word[0]);
}

long file_number(int file) { return file >= 0 && file < OPEN_MAX ? file : -EBADF; }

long file_call(int file, struct service_call *call) {
    if (file_number(file) < 0)
        return service_result(-EBADF);
    long result = service_call(file, call);
    if (result < 0 && errno == ENOSYS)
        errno = EINVAL;
    return result;
}

long file_pages(int file, void *pages, size_t nbytes, long offset) {
    struct service_call call = {.word = {OP_MAP, offset},
                                .in = pages,
                                .in_bytes =
                                    (nbytes + USER_PAGE_SIZE - 1) & ~(size_t)(USER_PAGE_SIZE - 1)};
    if (file_number(file) < 0)
        return -EBADF;
    if (service_call(file, &call) < 0)
        return errno == ENOSYS ? -ENODEV : -errno;
    return call.word[0];
}

long service_path(const char *path, struct service_call *call) {
    call->out = path;
    call->out_bytes = strlen(path) + 1;
    if (call->out_bytes > PATH_MAX)
        return -ENAMETOOLONG;
    return *path == '/' ? HANDLE_ROOT : HANDLE_CURRENT;
}

int service_open(int session, struct service_call *call) {
    long flags = transact(session, call);
    if (flags < 0 || service_result(call->word[0]) < 0)
        return -1;
    long file = call->word[3];
    if (!(flags & MESSAGE_HANDLE))
        return (int)service_result(-EIO);
    if (file_number((int)file) < 0) {
        (void)sys_handle_close((int)file);
        return (int)service_result(-EMFILE);
    }
    return (int)file;
}
