/* Memory: the heap's end for malloc, and mappings.
 *
 * The kernel maps memory and knows no files: a private mapping of a file is memory of the caller's
 * own in which the file's server has put its pages, copy-on-write. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/libc/filled.h"
#include "user/libc/service.h"

/* The kernel's flags MAP_SHARE and MAP_AT (lib/abi.h) are not POSIX's MAP_SHARED and MAP_FIXED;
 * only the rights are the same. */
_Static_assert(PROT_READ == MAP_READ && PROT_WRITE == MAP_WRITE && PROT_EXEC == MAP_EXEC, "rights");

/* ---- The heap ---- */

static uintptr_t heap_end; /* to the byte; the kernel rounds up to pages */

static void heap_ask(void) {
    if (heap_end == 0)
        heap_end = (uintptr_t)sys_brk(0);
}

int brk(void *end) {
    heap_ask();
    if (sys_brk((uintptr_t)end) < 0 || !end)
        return (int)service_result(-ENOMEM);
    heap_end = (uintptr_t)end;
    return 0;
}

void *sbrk(ptrdiff_t change) {
    heap_ask();
    uintptr_t before = heap_end;
    if (change != 0 && brk((void *)(before + (uintptr_t)change)) < 0)
        return (void *)-1;
    if (memory_filled && change > 0 && sys_fill(before, (size_t)change) < 0) {
        /* Where this fails too, what is mapped above the end that we know does no harm. */
        (void)sys_brk(before);
        heap_end = before;
        errno = ENOMEM;
        return (void *)-1;
    }
    return (void *)before;
}

/* ---- Mappings ---- */

/* The machine has no pages that can be written and not read. */
static unsigned rights_of(int protection) {
    return (unsigned)protection | ((protection & PROT_WRITE) ? MAP_READ : 0);
}

/* => the address, or -errno: of a fixed mapping what was there before is gone */
static long memory_map(uintptr_t address, size_t nbytes, unsigned rights, int flags) {
    unsigned how = rights | ((flags & MAP_SHARED) ? MAP_SHARE : 0);
    if (!(flags & MAP_FIXED))
        return sys_map(0, nbytes, how);
    long error = sys_unmap(address, nbytes);
    return error ? error : sys_map(address, nbytes, how | MAP_AT);
}

/* => 0, or -errno: the file cannot be mapped */
static long file_check(int file, int flags) {
    int opened = fcntl(file, F_GETFL);
    if (opened < 0)
        return -errno;
    if ((opened & O_ACCMODE) == O_WRONLY)
        return -EACCES;
    if (lseek(file, 0, SEEK_CUR) < 0 || (flags & MAP_SHARED))
        return -ENODEV;
    return 0;
}

static long file_map(uintptr_t address, size_t nbytes, int protection, int flags, int file,
                     off_t offset) {
    long error = file_check(file, flags);
    if (error)
        return error;
    long result = memory_map(address, nbytes, MAP_READ | MAP_WRITE, flags);
    if (result < 0)
        return result;
    error = file_pages(file, (void *)result, nbytes, offset);
    if (error >= 0)
        error = sys_protect((uintptr_t)result, nbytes, rights_of(protection));
    if (error)
        (void)sys_unmap((uintptr_t)result, nbytes);
    return error ? error : result;
}

void *mmap(void *address, size_t nbytes, int protection, int flags, int file, off_t offset) {
    const int known = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
    int sharing = flags & (MAP_SHARED | MAP_PRIVATE);
    long result = -EINVAL;
    bool right = nbytes != 0 && nbytes <= USER_END && !(flags & ~known) &&
                 (sharing == MAP_SHARED || sharing == MAP_PRIVATE) &&
                 !(protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) &&
                 offset % USER_PAGE_SIZE == 0 && offset >= 0 &&
                 !((flags & MAP_FIXED) && (uintptr_t)address % USER_PAGE_SIZE);
    if (nbytes > USER_END)
        result = -ENOMEM;
    if (right && (flags & MAP_ANONYMOUS))
        result = memory_map((uintptr_t)address, nbytes, rights_of(protection), flags);
    else if (right)
        result = file_map((uintptr_t)address, nbytes, protection, flags, file, offset);
    return service_result(result) < 0 ? MAP_FAILED : (void *)result;
}

int munmap(void *address, size_t nbytes) {
    return (int)service_result(nbytes == 0 ? -EINVAL : sys_unmap((uintptr_t)address, nbytes));
}

int mprotect(void *address, size_t nbytes, int protection) {
    if (protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
        return (int)service_result(-EINVAL);
    if (nbytes == 0)
        return (int)service_result((uintptr_t)address % USER_PAGE_SIZE ? -EINVAL : 0);
    return (int)service_result(sys_protect((uintptr_t)address, nbytes, rights_of(protection)));
}

/* Nothing that is mapped has a file behind it to be brought up to date. */
int msync(void *address, size_t nbytes, int flags) {
    bool right = (uintptr_t)address % USER_PAGE_SIZE == 0 &&
                 !(flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) &&
                 (flags & (MS_ASYNC | MS_SYNC)) != (MS_ASYNC | MS_SYNC);
    (void)nbytes;
    return (int)service_result(right ? 0 : -EINVAL);
}
