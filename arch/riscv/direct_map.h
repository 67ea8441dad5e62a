/* Where the kernel reaches physical memory: the one direct map, in the high half. */
#pragma once

#include "arch/riscv/csr.h"

/* => any byte of RAM or of a mapped device */
static inline void *frame_address(paddr_t address) { return (void *)(address + KERNEL_OFFSET); }
