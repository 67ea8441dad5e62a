/* Calls to servers: results become errno. */
#include "user/libc/service.h"

#include <errno.h>

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

int service_open(int session, struct service_call *call) {
    long flags = transact(session, call);
    if (flags < 0 || service_result(call->word[0]) < 0)
        return -1;
    if (!(flags & MESSAGE_HANDLE))
        return (int)service_result(call->word[3] < 0 ? call->word[3] : -EIO);
    return (int)call->word[3];
}
