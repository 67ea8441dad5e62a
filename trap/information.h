/* The system calls that only look: memory, processes, regions, pages (docs/syscalls.md). */
#pragma once

#include "lib/types.h"

long information_memory(vaddr_t to);
long information_process(long least_pid, vaddr_t to);
long information_region(long pid, vaddr_t address, vaddr_t to);
long information_pages(long pid, vaddr_t address, vaddr_t to, uint64_t npages);

/* => 0; -ENOENT: no hart has that index */
long information_hart(uint64_t index, vaddr_t to);
