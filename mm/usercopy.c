/* Copies between the kernel and user memory, and between two address spaces.
 *
 * The one idea: ask the resolver for each page, with the access that is meant, then use the
 * frame through the kernel's own map while the address space is locked. No entry is read here. */
#include "mm/usercopy.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/cow.h"
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

/* How many whole pages can be shared from here on; 0: none. No more than one leaf table of `to`
 * has: sharing needs no memory where that table is, and where it is not, dropping drops nothing. So
 * no memory loses no page. => both locked */
static size_t pages_to_share(struct aspace *to, vaddr_t to_va, struct aspace *from, vaddr_t from_va,
                             size_t nbytes) {
    if (to == from || nbytes < PAGE_SIZE || ((to_va | from_va) & PAGE_MASK) != 0)
        return 0;
    const struct region *target = aspace_find(to, to_va), *source = aspace_find(from, from_va);
    if (!target || target->kind != REGION_KIND_PRIVATE || !(target->rights & MAP_WRITE))
        return 0;
    if (!source || source->kind != REGION_KIND_PRIVATE || !(source->rights & MAP_READ))
        return 0;
    size_t most = min_u64(nbytes, min_u64(target->end - to_va, source->end - from_va));
    return pt_span(to_va, to_va + most);
}

/* Share whole pages in the place of what the receiver had there. => both locked; as pages_to_share
 * says */
static int share_part(struct aspace *to, vaddr_t to_va, struct aspace *from, vaddr_t from_va,
                      size_t npages) {
    uint64_t distance = to_va - from_va; /* modulo */
    struct range part =
        region_resident(aspace_find(from, from_va), from_va, from_va + npages * PAGE_SIZE);
    aspace_drop(to, to_va, npages);
    if (range_empty(part))
        return 0;
    region_add_resident(aspace_find(to, to_va),
                        (struct range){part.start + distance, part.end + distance});
    return cow_share(from, part.start, to, part.start + distance,
                     (part.end - part.start) >> PAGE_SHIFT);
}

/* Copy up to the end of a page, on either side. => both locked; 0 and *n bytes; as copy_between */
static int copy_part(struct aspace *to, vaddr_t to_va, struct aspace *from, vaddr_t from_va,
                     size_t nbytes, size_t *n, struct aspace **bad) {
    char *target, *source;
    /* The target first: settling it may unshare the very frame that the source shows, and the
     * source's answer must be the one that is still good during the copy. */
    *bad = to;
    int error = page_bytes(to, to_va, ACCESS_WRITE, &target);
    if (error)
        return error;
    *bad = from;
    error = page_bytes(from, from_va, ACCESS_READ, &source);
    if (error)
        return error;
    *n = within_page(to_va, within_page(from_va, nbytes));
    memcpy(target, source, *n);
    return 0;
}

int copy_between(struct aspace *to, vaddr_t to_va, struct aspace *from, vaddr_t from_va,
                 size_t nbytes, enum transfer transfer, size_t *copied, struct aspace **bad) {
    int error = 0;
    size_t done = 0, npages = 0, n = 0;
    aspace_lock_two(to, from);
    while (done < nbytes && !error) {
        if (transfer == TRANSFER_SHARE)
            npages = pages_to_share(to, to_va + done, from, from_va + done, nbytes - done);
        if (npages > 0) {
            *bad = to;
            error = share_part(to, to_va + done, from, from_va + done, npages);
            n = npages * PAGE_SIZE;
        } else {
            error = copy_part(to, to_va + done, from, from_va + done, nbytes - done, &n, bad);
        }
        if (!error)
            done += n;
    }
    /* The fence of the whole message: the giver's translations end before anybody can meet what was
     * shared. */
    pt_fence_flush(&from->pt);
    aspace_unlock_two(from, to);
    *copied = done;
    return error;
}
