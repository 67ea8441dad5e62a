/* poweroff [STATUS]: end the shell's session for good: the machine powers off with the status. */
#include <err.h>
#include <stdlib.h>

#include "byre/handles.h"
#include "byre/syscall.h"

int main(int argc, char **argv) {
    long error = sys_power_off(HANDLE_POWER, argc > 1 ? atoi(argv[1]) : 0);
    errx(1, "not given the power handle (%ld): leave the shell by `exit`", error);
}
