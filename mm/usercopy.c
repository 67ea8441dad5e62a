/* Copies between the kernel and user memory, and between two address spaces.
 *
 * The one idea: for each page, ask the page fault handler for the access that is meant, then use
 * the frame through the kernel's own map while the address space is locked. No entry is read. */
#include "mm/usercopy.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/cow.h"
#include "mm/fault.h"

/* Bytes from `va` to the end of its page, at most n. */
static size_t within_page(vaddr_t va, size_t n) { return min_u64(n, PAGE_SIZE - (va & PAGE_MASK)); }

/* Where the kernel sees `va`. needs: as locked. on failure: as vm_fault_locked */
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

/* How many whole pages can be shared from here on; 0: none. Never more than one leaf table of the
 * receiver holds. So no page is lost when memory is full: where that table is there, sharing needs
 * no memory; where it is not, there is no page to discard. needs: both locked */
static size_t pages_to_share(const struct user_range *to, const struct user_range *from) {
    if (to->as == from->as || ((to->va | from->va) & PAGE_MASK) != 0)
        return 0;
    const struct region *target = aspace_find(to->as, to->va);
    const struct region *source = aspace_find(from->as, from->va);
    if (!target || target->kind != REGION_KIND_PRIVATE || !(target->rights & MAP_WRITE))
        return 0;
    if (!source || source->kind != REGION_KIND_PRIVATE || !(source->rights & MAP_READ))
        return 0;
    uint64_t most = min_u64(target->end - to->va, source->end - from->va);
    return pt_span(to->va, to->va + page_round_down(min_u64(to->nbytes, most)));
}

/* Share whole pages, in the place of what the receiver had there.
 * needs:   both locked; npages is what pages_to_share said */
static int share_part(const struct user_range *to, const struct user_range *from, size_t npages) {
    uint64_t distance = to->va - from->va; /* modulo */
    struct range part =
        region_resident(aspace_find(from->as, from->va), from->va, from->va + npages * PAGE_SIZE);
    aspace_discard(to->as, to->va, npages);
    if (range_empty(part))
        return 0; /* the giver never touched them: they read as zeros on both sides now */
    region_add_resident(aspace_find(to->as, to->va),
                        (struct range){part.start + distance, part.end + distance});
    int error = cow_share(from->as, part.start, to->as, part.start + distance, range_pages(part));
    if (aspace_find(to->as, to->va)->rights & MAP_EXEC)
        pt_text_changed(&to->as->pt);
    return error;
}

/* Copy *n bytes: up to the end of a page on either side. needs: both locked */
static int copy_part(const struct user_range *to, const struct user_range *from, size_t *n,
                     struct aspace **bad) {
    char *target, *source;
    /* The target first: its access may unshare the very frame that the source shows, and the
     * source's answer must be the one that is still good during the copy. */
    *bad = to->as;
    int error = page_bytes(to->as, to->va, ACCESS_WRITE, &target);
    if (error)
        return error;
    *bad = from->as;
    error = page_bytes(from->as, from->va, ACCESS_READ, &source);
    if (error)
        return error;
    *n = within_page(to->va, within_page(from->va, to->nbytes));
    memcpy(target, source, *n);
    return 0;
}

/* What is left of a range behind its first n bytes. */
static struct user_range rest_of(struct user_range range, size_t n) {
    return (struct user_range){range.as, range.va + n, range.nbytes - n};
}

int copy_between(struct user_range to, struct user_range from, enum transfer transfer,
                 size_t *copied, struct aspace **bad) {
    int error = 0;
    to.nbytes = min_u64(to.nbytes, from.nbytes);
    *copied = 0;
    aspace_lock_two(to.as, from.as);
    for (size_t n; to.nbytes > 0; to = rest_of(to, n), from = rest_of(from, n), *copied += n) {
        size_t npages = transfer == TRANSFER_SHARE ? pages_to_share(&to, &from) : 0;
        n = npages * PAGE_SIZE;
        *bad = to.as;
        error = npages > 0 ? share_part(&to, &from, npages) : copy_part(&to, &from, &n, bad);
        if (error)
            break;
    }
    /* The fence of the whole message: the giver's translations end before anybody can meet what was
     * shared. */
    pt_fence_flush(&from.as->pt);
    aspace_unlock_two(from.as, to.as);
    return error;
}
