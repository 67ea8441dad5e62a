/* bare PROGRAM [ARGUMENT...]: run a program that holds no handle at all. */
#include <err.h>
#include <unistd.h>

#include "byre/syscall.h"

#define HANDLES 4096 /* more than any process has */

int main(int argc, char **argv) {
    if (argc < 2)
        errx(2, "no program");
    for (int handle = 0; handle < HANDLES; handle++)
        (void)sys_handle_flags(handle, HANDLE_CLOEXEC);
    (void)execv(argv[1], argv + 1);
    err(127, "%s", argv[1]);
}
