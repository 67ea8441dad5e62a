/* Who called whom, with names: the last thing that a panic prints. */
#pragma once

#include "lib/types.h"

/* Print the code at `pc` and its callers, a line each, from the frame pointer `fp` on. `ra` is the
 * return address register, for a `pc` in a function that calls none and so keeps it there.
 * => any values at all: nothing is read that is not in a kernel stack */
void backtrace_print_trap(uint64_t pc, uint64_t fp, uint64_t ra);

/* Print the callers of the function whose frame pointer is `fp`. */
void backtrace_print(uint64_t fp);

/* Does the address lie in the page that ends a kernel stack, which is not mapped? */
bool backtrace_in_guard(uint64_t address);
