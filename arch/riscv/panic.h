/* The end: by a bug of the kernel, or by order. */
#pragma once

#include "lib/assert.h"

/* Power off; QEMU's exit status is `status` & 255 where the machine has a test device. */
_Noreturn void machine_exit(int status);

/* What a panic calls to say who runs: `describe` prints a line. Before that, nobody does. */
void panic_init(void (*describe)(void));

/* Where the test device's register is (physical; 0: there is none). */
void machine_exit_init(paddr_t test_device);

/* The words for an exception's cause (scause). */
const char *cause_name(uint64_t cause);

#define PANIC_STATUS 99
