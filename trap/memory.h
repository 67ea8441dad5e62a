/* The system calls of memory: docs/syscalls.md. */
#pragma once

#include "lib/types.h"

long sys_map(vaddr_t address, uint64_t nbytes, uint64_t flags);
long sys_unmap(vaddr_t address, uint64_t nbytes);
long sys_protect(vaddr_t address, uint64_t nbytes, uint64_t rights);
long sys_brk(vaddr_t end);
long sys_fill(vaddr_t address, uint64_t nbytes);
long sys_discard(vaddr_t start, uint64_t nbytes);
