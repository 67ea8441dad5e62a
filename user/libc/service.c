/* Calls to servers. */
#include "user/libc/service.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* returns: MESSAGE_HANDLE when word 3 is a handle of ours now, 0 otherwise; a negative errno */
static long transact(int session, struct service_call *call) {
    long error =
        sys_call(session, call->word, call->out, call->out_bytes, call->in, call->in_bytes, 0);
    if (error == -ECONNRESET)
        return -EIO;
    return error < 0 ? error : error >> 32;
}

long byre_service(int session, struct service_call *call) {
    long flags = transact(session, call);
    return flags < 0 ? flags : call->word[0];
}

long byre_file_number(long file) { return file >= 0 && file < BYRE_OPEN_MAX ? file : -EBADF; }

long byre_file(int file, struct service_call *call) {
    if (byre_file_number(file) < 0)
        return -EBADF;
    long result = byre_service(file, call);
    return result == -ENOSYS ? -EINVAL : result;
}

long byre_service_open(int session, struct service_call *call) {
    long flags = transact(session, call);
    if (flags < 0)
        return flags;
    if (call->word[0] < 0)
        return call->word[0];
    if (!(flags & MESSAGE_HANDLE))
        return -EIO;
    long file = call->word[3];
    if (byre_file_number(file) >= 0)
        return file;
    (void)sys_handle_close((int)file);
    return -EMFILE;
}

long byre_file_pages(int file, void *pages, size_t nbytes, long offset) {
    size_t whole = (nbytes + USER_PAGE_SIZE - 1) & ~(size_t)(USER_PAGE_SIZE - 1);
    struct service_call call = {.word = {OP_MAP, offset}, .in = pages, .in_bytes = whole};
    if (byre_file_number(file) < 0)
        return -EBADF;
    long result = byre_service(file, &call);
    return result == -ENOSYS ? -ENODEV : result;
}

long byre_path(long directory, const char *path, struct service_call *call) {
    if ((uintptr_t)path < USER_PAGE_SIZE)
        return -EFAULT;
    call->out = path;
    call->out_bytes = strlen(path) + 1;
    if (call->out_bytes > PROTOCOL_PATH_MAX)
        return -ENAMETOOLONG;
    if (*path == '/')
        return HANDLE_ROOT;
    return directory == AT_FDCWD ? HANDLE_CURRENT : byre_file_number(directory);
}
