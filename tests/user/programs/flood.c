/* Writes to its output without end, and more at a time than there is memory. */
#include <unistd.h>

#include "byre/syscall.h"

#define BYTES (1UL << 30)

int main(void) {
    const void *bytes = (const void *)sys_map(0, BYTES, MAP_READ);
    while (write(1, bytes, BYTES) > 0)
        ;
    return 1;
}
