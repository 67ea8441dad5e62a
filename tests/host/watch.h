/* Looks on while a test of mm/ runs: see tests/host/watch.c. */
#pragma once

#include "lib/types.h"

/* Watch from the next machine_reset on. */
void watch_begin(void);

/* Let harts translate this page ahead, though no test has touched it. */
void watch_page(vaddr_t page);

/* Watch no more: an explorer looks on by itself. Operations are still noted. */
void watch_end(void);
