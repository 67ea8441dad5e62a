/* Control and status registers by name, with the fields that Byre uses (Privileged, chapter 4). */
#pragma once

#include "lib/types.h"

#define csr_read(name)                                                                             \
    ({                                                                                             \
        uint64_t csr_value;                                                                        \
        __asm__ volatile("csrr %0, " #name : "=r"(csr_value));                                     \
        csr_value;                                                                                 \
    })
#define csr_write(name, value)                                                                     \
    __asm__ volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define SATP_MODE_SV39 ((uint64_t)8 << 60)

/* The kernel's one map of physical memory: virtual = physical + this. */
#define KERNEL_OFFSET UINT64_C(0xffffffc000000000)
