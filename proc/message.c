/* What messages carry beyond words: data, copied once from one address space to the other, and a
 * handle, which moves at delivery. Whose fault a failure is decides who is told of it. */
#include "proc/message.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/usercopy.h"

static enum transfer transfer_of(uint64_t flags) {
    return (flags & MESSAGE_SHARE) ? TRANSFER_SHARE : TRANSFER_COPY;
}

static struct user_range range_of(const struct thread *thread, struct buffer buffer) {
    return (struct user_range){thread->process->as, buffer.start, buffer.nbytes};
}

/* What of a buffer lies behind its first `offset` bytes. */
static struct buffer rest_of(struct buffer buffer, uint64_t offset) {
    uint64_t nbytes = offset >= buffer.nbytes ? 0 : buffer.nbytes - offset;
    return (struct buffer){buffer.start + offset, nbytes};
}

static int deliver_data(struct thread *server, struct thread *client, bool *client_bad) {
    struct aspace *bad;
    size_t copied;
    int error = copy_between(range_of(server, server->receive_buffer),
                             range_of(client, client->call.out), TRANSFER_COPY, &copied, &bad);
    *client_bad = error && bad == client->process->as;
    return error;
}

static int deliver_handle(struct thread *server, struct thread *client, bool *client_bad) {
    uint64_t *word = &client->call.words[3];
    long number = handle_move(&client->process->handles, (int32_t)*word, &server->process->handles);
    *client_bad = number < 0;
    if (number < 0)
        return (int)number;
    *word = (uint64_t)number;
    return 0;
}

int message_deliver_rest(struct thread *server, struct thread *client, bool *client_bad) {
    const struct call *call = &client->call;
    uint64_t most = min_u64(server->receive_buffer.nbytes, MESSAGE_COPY_MAX);
    if (call->out.nbytes > 0 && call->out.nbytes <= most) {
        int error = deliver_data(server, client, client_bad);
        if (error)
            return error;
    }
    return call->flags ? deliver_handle(server, client, client_bad) : 0;
}

int message_reply_data(struct thread *client, struct buffer data, uint32_t flags, long *result) {
    struct thread *self = thread_current();
    struct aspace *bad;
    size_t copied;
    *result = 0;
    if (data.nbytes > min_u64(client->call.in.nbytes, MESSAGE_COPY_MAX))
        return -EMSGSIZE;
    if (data.nbytes == 0)
        return 0;
    int error = copy_between(range_of(client, client->call.in), range_of(self, data),
                             transfer_of(flags), &copied, &bad);
    if (error && bad == self->process->as)
        return error;
    *result = error;
    return 0;
}

static long copy_part(struct user_range to, struct user_range from, uint64_t flags) {
    struct aspace *bad;
    size_t copied;
    to.nbytes = min_u64(to.nbytes, MESSAGE_COPY_MAX);
    int error = copy_between(to, from, transfer_of(flags), &copied, &bad);
    return error ? error : (long)copied;
}

long message_read(struct thread *client, uint64_t offset, struct buffer own, uint64_t flags) {
    struct buffer rest = rest_of(client->call.out, offset);
    return copy_part(range_of(thread_current(), own), range_of(client, rest), flags);
}

long message_write(struct thread *client, uint64_t offset, struct buffer own, uint64_t flags) {
    struct buffer rest = rest_of(client->call.in, offset);
    return copy_part(range_of(client, rest), range_of(thread_current(), own), flags);
}
