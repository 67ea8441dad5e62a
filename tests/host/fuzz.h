/* The differential fuzzer: see tests/host/fuzz.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Run the operations that these bytes stand for, against a model.
 * => the number of operations before the first that showed a difference, or SIZE_MAX: none did */
size_t fuzz_run(const uint8_t *bytes, size_t nbytes);

/* What the operations do, a line each. */
void fuzz_print(const uint8_t *bytes, size_t nbytes);

#define FUZZ_OPERATION_BYTES 5
