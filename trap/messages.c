/* Messages as system calls: the one place that knows which argument registers hold what. */
#include "trap/messages.h"

#include "proc/call.h"

/* Two 32-bit numbers share a register: the one in its low half, and the one in its high half. */
static uint32_t low(uint64_t pair) { return (uint32_t)pair; }
static uint32_t high(uint64_t pair) { return (uint32_t)(pair >> 32); }

long sys_call(uint64_t session_and_flags, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
              vaddr_t out, vaddr_t in, uint64_t sizes) {
    struct call *call = &thread_current()->call;
    call->flags = high(session_and_flags);
    call->words[0] = w0;
    call->words[1] = w1;
    call->words[2] = w2;
    call->words[3] = w3;
    call->out = (struct buffer){out, low(sizes)};
    call->in = (struct buffer){in, high(sizes)};
    return call_make((int32_t)session_and_flags);
}

long sys_receive(long port, vaddr_t buffer, uint64_t nbytes) {
    return call_receive(port, (struct buffer){buffer, nbytes});
}

#define REPLY_OF_REGISTERS                                                                         \
    (struct reply) {                                                                               \
        .token = token, .words = {w0, w1, w2, w3}, .data = {data, low(size_and_flags)},            \
        .flags = high(size_and_flags)                                                              \
    }

long sys_reply(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, vaddr_t data,
               uint64_t size_and_flags, long port) {
    const struct reply reply = REPLY_OF_REGISTERS;
    return call_reply(port, &reply);
}

long sys_reply_receive(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                       vaddr_t data, uint64_t size_and_flags, long port) {
    const struct reply reply = REPLY_OF_REGISTERS;
    return call_reply_receive(port, &reply);
}

long sys_message_read(uint64_t token, uint64_t offset, vaddr_t to, uint64_t nbytes, long port,
                      uint64_t flags) {
    return call_read(port, token, offset, (struct buffer){to, nbytes}, flags);
}

long sys_message_write(uint64_t token, uint64_t offset, vaddr_t from, uint64_t nbytes, long port,
                       uint64_t flags) {
    return call_write(port, token, offset, (struct buffer){from, nbytes}, flags);
}
