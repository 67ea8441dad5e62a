/* poweroff [STATUS]: power the machine off with the status, which QEMU exits with. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "byre/handles.h"
#include "byre/syscall.h"

int main(int argc, char **argv) {
    long error = sys_power_off(HANDLE_POWER, argc > 1 ? atoi(argv[1]) : 0);
    errx(1, "not given the power handle: %s", strerror((int)-error));
}
