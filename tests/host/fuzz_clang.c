/* The entry point for libFuzzer: bytes are operations (tests/host/fuzz.c).
 *
 * When the host suite is built with clang, `fuzzer` is this, with the sanitizers. */
#include <stdlib.h>

#include "tests/host/fuzz.h"
#include "tests/host/watch.h"

#define BYTES_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes) {
    if (nbytes > BYTES_MAX)
        return -1;
    watch_begin();
    if (fuzz_run(bytes, nbytes) == SIZE_MAX)
        return 0;
    fuzz_print(bytes, nbytes);
    abort();
}
