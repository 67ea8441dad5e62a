/* The system calls of messages, with their arguments as the registers have them: docs/messages.md.
 */
#pragma once

#include "lib/types.h"

long sys_call(uint64_t session_and_flags, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
              vaddr_t out, vaddr_t in, uint64_t sizes);
long sys_receive(long port, vaddr_t buffer, uint64_t nbytes);
long sys_reply(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, vaddr_t data,
               uint64_t size_and_flags, long port);
long sys_reply_receive(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                       vaddr_t data, uint64_t size_and_flags, long port);
long sys_message_read(uint64_t token, uint64_t offset, vaddr_t to, uint64_t nbytes, long port,
                      uint64_t flags);
long sys_message_write(uint64_t token, uint64_t offset, vaddr_t from, uint64_t nbytes, long port,
                       uint64_t flags);
