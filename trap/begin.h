/* What the kernel does once the machine is up: trap/begin.c, or the suites of the test kernel. */
#pragma once

#include "arch/riscv/fdt.h"

/* => the current thread is the boot hart's idle thread */
_Noreturn void begin(const struct machine *machine);
