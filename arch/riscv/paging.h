/* The kernel's own map, and the machine's side of mm/pt.h. */
#pragma once

#include "arch/riscv/fdt.h"

/* Give the RAM to mm/pmm.c: all that the tree tells, less the kernel's image, the tree, the initrd
 * and the table of frames.
 * on failure: -ENOMEM: the table of frames has no room */
must_check int paging_init_frames(const struct machine *machine);

/* Build the final map and load it: text may be executed and not written, constants only read, the
 * rest never executed; the guards below the kernel stacks are not mapped. Panics when it is out of
 * memory: nothing can run. */
void paging_init_kernel(const struct machine *machine);

/* Let this hart translate by the kernel's own map. */
void paging_load_kernel(void);
