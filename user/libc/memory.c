/* Memory: mappings, and the end of the heap.
 *
 * The kernel maps memory and knows no files: a private mapping of a file is memory of the caller's
 * own in which the file's server has put its pages, copy-on-write. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/libc/calls.h"
#include "user/libc/filled.h"
#include "user/libc/service.h"

/* The kernel's flags MAP_SHARE and MAP_AT (lib/abi.h) are not POSIX's MAP_SHARED and MAP_FIXED;
 * only the rights are the same. */
_Static_assert(PROT_READ == MAP_READ && PROT_WRITE == MAP_WRITE && PROT_EXEC == MAP_EXEC, "rights");

#define PROTECTION (PROT_READ | PROT_WRITE | PROT_EXEC)

/* ---- The heap ---- */

static uintptr_t heap_end; /* to the byte; the kernel rounds up to pages */

/* malloc uses mappings, so that the heap is the program's own, by sbrk: no caller of this gets
 * more. */
long byre_brk(long end) {
    (void)end;
    return 0;
}

static int heap_set(uintptr_t end) {
    uintptr_t before = heap_end;
    if (sys_brk(end) < 0)
        return -1;
    if (end > before && byre_fill_new(before, end - before) < 0) {
        /* Where this fails too, what is mapped above the end that we know does no harm. */
        (void)sys_brk(before);
        return -1;
    }
    heap_end = end;
    return 0;
}

void *sbrk(intptr_t change) {
    if (heap_end == 0)
        heap_end = (uintptr_t)sys_brk(0);
    uintptr_t before = heap_end;
    if (change != 0 && heap_set(before + (uintptr_t)change) < 0) {
        errno = ENOMEM;
        return (void *)-1;
    }
    return (void *)before;
}

int brk(void *end) {
    uintptr_t now = (uintptr_t)sbrk(0);
    return end && sbrk((intptr_t)((uintptr_t)end - now)) != (void *)-1 ? 0 : (errno = ENOMEM, -1);
}

/* ---- Mappings ---- */

/* The machine has no pages that can be written and not read. */
static unsigned rights_of(long protection) {
    return (unsigned)protection | ((protection & PROT_WRITE) ? MAP_READ : 0);
}

/* More than the whole machine has can only be meant to stay mostly untouched; who means that says
 * MAP_NORESERVE. To all others an error now is better than an end later. */
static bool memory_is_too_much(size_t nbytes, long flags) {
    struct memory_info memory;
    if (nbytes < (size_t)64 << 20 || (flags & MAP_NORESERVE))
        return false;
    return sys_memory_info(&memory) == 0 && nbytes / USER_PAGE_SIZE > memory.frames_total;
}

/* returns: the address, or a negative errno: of a fixed mapping what was there before is gone */
static long memory_map(uintptr_t address, size_t nbytes, unsigned rights, long flags) {
    unsigned how = rights | ((flags & MAP_SHARED) ? MAP_SHARE : 0);
    if (!(flags & MAP_FIXED))
        return sys_map(0, nbytes, how);
    long error = sys_unmap(address, nbytes);
    return error ? error : sys_map(address, nbytes, how | MAP_AT);
}

static long anonymous_map(uintptr_t address, size_t nbytes, long protection, long flags) {
    if (memory_is_too_much(nbytes, flags))
        return -ENOMEM;
    long result = memory_map(address, nbytes, rights_of(protection), flags);
    if (result < 0 || !(protection & PROT_WRITE))
        return result;
    long error = byre_fill_new((uintptr_t)result, nbytes);
    if (error)
        (void)sys_unmap((uintptr_t)result, nbytes);
    return error ? error : result;
}

/* returns: 0, or a negative errno: the file cannot be mapped */
static long file_check(long file, long flags) {
    long opened = byre_fcntl(file, F_GETFL, 0);
    if (opened < 0)
        return opened;
    if ((opened & O_ACCMODE) == O_WRONLY)
        return -EACCES;
    return byre_lseek(file, 0, SEEK_CUR) < 0 || (flags & MAP_SHARED) ? -ENODEV : 0;
}

static long file_map(uintptr_t address, size_t nbytes, long protection, long flags, long file,
                     long offset) {
    long error = file_check(file, flags);
    if (error)
        return error;
    long result = memory_map(address, nbytes, MAP_READ | MAP_WRITE, flags);
    if (result < 0)
        return result;
    error = byre_file_pages((int)file, (void *)result, nbytes, offset);
    if (error >= 0)
        error = sys_protect((uintptr_t)result, nbytes, rights_of(protection));
    if (error)
        (void)sys_unmap((uintptr_t)result, nbytes);
    return error ? error : result;
}

long byre_mmap(long address, long nbytes, long protection, long flags, long file, long offset) {
    const long known = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE |
                       MAP_STACK | MAP_POPULATE;
    long sharing = flags & (MAP_SHARED | MAP_PRIVATE);
    if ((size_t)nbytes > USER_END)
        return -ENOMEM;
    if (nbytes == 0 || (flags & ~known) || (sharing != MAP_SHARED && sharing != MAP_PRIVATE) ||
        (protection & ~PROTECTION) || offset < 0 || offset % USER_PAGE_SIZE != 0 ||
        ((flags & MAP_FIXED) && address % USER_PAGE_SIZE != 0))
        return -EINVAL;
    return flags & MAP_ANONYMOUS
               ? anonymous_map((uintptr_t)address, (size_t)nbytes, protection, flags)
               : file_map((uintptr_t)address, (size_t)nbytes, protection, flags, file, offset);
}

long byre_munmap(long address, long nbytes) {
    return nbytes == 0 ? -EINVAL : sys_unmap((uintptr_t)address, (size_t)nbytes);
}

long byre_mprotect(long address, long nbytes, long protection) {
    if (protection & ~PROTECTION)
        return -EINVAL;
    if (nbytes == 0)
        return address % USER_PAGE_SIZE ? -EINVAL : 0;
    long error = sys_protect((uintptr_t)address, (size_t)nbytes, rights_of(protection));
    return error || !(protection & PROT_WRITE) ? error
                                               : byre_fill_new((uintptr_t)address, (size_t)nbytes);
}

/* Advice that changes what memory holds is followed; all other may be ignored. */
long byre_madvise(long address, long nbytes, long advice) {
    if (address % USER_PAGE_SIZE)
        return -EINVAL;
    return advice == MADV_DONTNEED ? sys_discard((uintptr_t)address, (size_t)nbytes) : 0;
}

/* Nothing that is mapped has a file behind it to be brought up to date. */
long byre_msync(long address, long nbytes, long flags) {
    bool right = address % USER_PAGE_SIZE == 0 &&
                 !(flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) &&
                 (flags & (MS_ASYNC | MS_SYNC)) != (MS_ASYNC | MS_SYNC);
    (void)nbytes;
    return right ? 0 : -EINVAL;
}
