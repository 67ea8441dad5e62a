/* The end: by a bug of the kernel, or by order. */
#pragma once

#include "lib/assert.h"

/* Power off; QEMU's exit status is `status` & 255 where the machine has a test device. */
_Noreturn void machine_exit(int status);

/* Where the test device's register is (physical; 0: there is none). */
void machine_exit_init(paddr_t test_device);

/* The words for an exception's cause (scause). */
const char *cause_name(uint64_t cause);

#define PANIC_STATUS 99
