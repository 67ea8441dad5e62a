/* Looks on while a test of mm/ runs: see tests/host/watch.c. */
#pragma once

/* Watch from the next machine_reset on. */
void watch_begin(void);

/* Watch no more: an explorer looks on by itself. Operations are still noted. */
void watch_end(void);
