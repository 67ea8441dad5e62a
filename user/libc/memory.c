/* Memory: the heap's end for malloc, and mappings. */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/libc/service.h"

/* MAP_SHARED and its kin of POSIX have other values than the kernel's flags of the same meaning:
 * lib/abi.h's MAP_SHARE and MAP_AT are what is passed on. */
_Static_assert(PROT_READ == MAP_READ && PROT_WRITE == MAP_WRITE && PROT_EXEC == MAP_EXEC, "rights");

void *sbrk(ptrdiff_t change) {
    static uintptr_t end; /* to the byte; the kernel rounds up to pages */
    if (end == 0)
        end = (uintptr_t)sys_brk(0);
    uintptr_t before = end;
    if (change != 0) {
        long now = sys_brk(end + (uintptr_t)change);
        if (now < 0) {
            errno = ENOMEM;
            return (void *)-1;
        }
        end = before + (uintptr_t)change;
    }
    return (void *)before;
}

int munmap(void *address, size_t nbytes) {
    return (int)service_result(sys_unmap((uintptr_t)address, nbytes));
}

int mprotect(void *address, size_t nbytes, int rights) {
    return (int)service_result(sys_protect((uintptr_t)address, nbytes, (unsigned)rights));
}
