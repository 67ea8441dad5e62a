/* What the walker (pagetable.c) needs from the machine. */
#pragma once

#include "pte.h"

/* Fill or clear the kernel half of a root table, entries 256 to 511. It is the same in all. */
void pt_copy_kernel_half(pte_t *root);
void pt_clear_kernel_half(pte_t *root);
