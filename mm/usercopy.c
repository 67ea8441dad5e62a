/* Copies between the kernel and user memory, and between two address spaces.
 *
 * The one idea: ask the resolver for each page, with the access that is meant, then use the
 * frame through the kernel's own map while the address space is locked. No entry is read here. */
#include "mm/usercopy.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fault.h"

/* Bytes from `va` to the end of its page, at most n. */
static size_t within_page(vaddr_t va, size_t n) { return min_u64(n, PAGE_SIZE - (va & PAGE_MASK)); }

/* => as locked; *bytes is where the kernel sees `va` */
static int page_bytes(struct aspace *as, vaddr_t va, enum access access, char **bytes) {
    paddr_t frame;
    int error = vm_fault_locked(as, va, access, &frame);
    if (error)
        return error;
    *bytes = (char *)frame_address(frame) + (va & PAGE_MASK);
    return 0;
}

int copy_in(struct aspace *as, void *to, vaddr_t from, size_t nbytes) {
    int error = 0;
    aspace_lock(as);
    for (size_t done = 0, n; done < nbytes; done += n) {
        char *bytes;
        n = within_page(from + done, nbytes - done);
        error = page_bytes(as, from + done, ACCESS_READ, &bytes);
        if (error)
            break;
        memcpy((char *)to + done, bytes, n);
    }
    aspace_unlock(as);
    return error;
}

int copy_out(struct aspace *as, vaddr_t to, const void *from, size_t nbytes) {
    int error = 0;
    aspace_lock(as);
    for (size_t done = 0, n; done < nbytes; done += n) {
        char *bytes;
        n = within_page(to + done, nbytes - done);
        error = page_bytes(as, to + done, ACCESS_WRITE, &bytes);
        if (error)
            break;
        memcpy(bytes, (const char *)from + done, n);
    }
    aspace_unlock(as);
    return error;
}

int copy_between(struct aspace *to, vaddr_t to_va, struct aspace *from, vaddr_t from_va,
                 size_t nbytes, size_t *copied, struct aspace **bad) {
    int error = 0;
    size_t done = 0;
    aspace_lock_two(to, from);
    while (done < nbytes) {
        char *target, *source;
        size_t n = within_page(to_va + done, within_page(from_va + done, nbytes - done));
        /* The target first: settling it may unshare the very frame that the source shows, and
         * the source's answer must be the one that is still good during the copy. */
        *bad = to;
        error = page_bytes(to, to_va + done, ACCESS_WRITE, &target);
        if (error)
            break;
        *bad = from;
        error = page_bytes(from, from_va + done, ACCESS_READ, &source);
        if (error)
            break;
        memcpy(target, source, n);
        done += n;
    }
    aspace_unlock_two(to, from);
    *copied = done;
    return error;
}
