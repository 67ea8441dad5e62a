/* The first process. */
#pragma once

#include "arch/riscv/fdt.h"

/* Make init ready to run, with all that the machine has. => 0; an error: nothing can run */
must_check int first_start(const struct machine *machine);
