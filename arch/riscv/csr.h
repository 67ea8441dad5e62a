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

/* The register tp: the kernel keeps there who runs (proc/thread.h). */
static inline void *tp_read(void) {
    void *tp;
    __asm__ volatile("mv %0, tp" : "=r"(tp));
    return tp;
}

static inline void tp_write(void *tp) { __asm__ volatile("mv tp, %0" ::"r"(tp) : "memory"); }

/* Stop until an interrupt is pending, enabled or not. */
static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

#define SATP_MODE_SV39 ((uint64_t)8 << 60)

/* The kernel's one map of physical memory: virtual = physical + this. */
#define KERNEL_OFFSET UINT64_C(0xffffffc000000000)
