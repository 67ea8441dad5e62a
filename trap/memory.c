/* The system calls of memory: they check numbers, lock the caller's address space, and call mm/.
 *
 * What a number asks for is done in parts of about a million instructions: interrupts are off
 * meanwhile. The result tells how far a call came, and the program asks again. */
#include "trap/memory.h"

#include "lib/abi.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/fault.h"
#include "mm/pmm.h"
#include "proc/process.h"

/* A range that is one region, or a part of it up to its end: that needs no memory. */
static void unmap_whole(struct aspace *as, vaddr_t start, vaddr_t end) {
    int error = aspace_unmap(as, start, end - start);
    assert(error == 0);
}

/* Shared memory is made at once, and that takes its time: a part of it is, and the rest of the
 * range is kept free by a guard until the program asks for the next part (MAP_RESERVED). */
static int map_shared(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights) {
    assert(lock_is_held(&as->lock));
    uint64_t part = min_u64(nbytes, MAP_SHARE_MAX);
    if (nbytes >> PAGE_SHIFT > frame_free_count())
        return -ENOMEM; /* before it takes from others what there is */
    int error = 0;
    if (nbytes > part)
        error = aspace_add_region(as, start + part, start + nbytes, 0, REGION_KIND_GUARD);
    if (error)
        return error;
    error = aspace_map(as, start, part, rights, REGION_KIND_SHARED);
    if (error && nbytes > part)
        unmap_whole(as, start + part, start + nbytes);
    return error;
}

/* The next part, in the place of the guard. On failure the range is a guard as before. */
static int map_reserved(struct aspace *as, vaddr_t start, uint64_t nbytes, uint32_t rights) {
    assert(lock_is_held(&as->lock));
    const struct region *guard = aspace_find(as, start);
    if (!guard || guard->kind != REGION_KIND_GUARD || guard->start != start ||
        guard->end != start + nbytes)
        return -EINVAL;
    unmap_whole(as, start, start + nbytes);
    return map_shared(as, start, nbytes, rights);
}

static int map_locked(struct aspace *as, vaddr_t start, uint64_t nbytes, uint64_t flags) {
    uint32_t rights = flags & MAP_RIGHTS;
    if (flags & MAP_RESERVED)
        return map_reserved(as, start, nbytes, rights);
    if (flags & MAP_SHARE)
        return map_shared(as, start, nbytes, rights);
    return aspace_map(as, start, nbytes, rights, REGION_KIND_PRIVATE);
}

static bool map_flags_valid(uint64_t flags) {
    uint64_t reserved = MAP_SHARE | MAP_AT | MAP_RESERVED;
    return !(flags & ~(uint64_t)(MAP_RIGHTS | reserved)) &&
           (!(flags & MAP_RESERVED) || (flags & reserved) == reserved);
}

long sys_map(vaddr_t address, uint64_t nbytes, uint64_t flags) {
    struct aspace *as = process_current()->as;
    vaddr_t start = address;
    if (!map_flags_valid(flags) || nbytes == 0 || nbytes > USER_END)
        return -EINVAL;
    if ((flags & MAP_AT) && (address % PAGE_SIZE != 0 || address >= USER_END))
        return -EINVAL;
    nbytes = page_round_up(nbytes);
    aspace_lock(as);
    int error = (flags & MAP_AT) ? 0 : aspace_find_room(as, nbytes, &start);
    if (!error && nbytes > USER_END - start)
        error = -EINVAL;
    if (!error)
        error = map_locked(as, start, nbytes, flags);
    aspace_unlock(as);
    return error ? error : (long)start;
}

long sys_unmap(vaddr_t address, uint64_t nbytes) {
    struct aspace *as = process_current()->as;
    if (nbytes > USER_END)
        return -EINVAL;
    aspace_lock(as);
    int error = aspace_unmap(as, address, page_round_up(nbytes));
    aspace_unlock(as);
    return error;
}

long sys_protect(vaddr_t address, uint64_t nbytes, uint64_t rights) {
    struct aspace *as = process_current()->as;
    if (nbytes > USER_END || rights > MAP_RIGHTS)
        return -EINVAL;
    aspace_lock(as);
    int error = aspace_protect(as, address, page_round_up(nbytes), (uint32_t)rights);
    aspace_unlock(as);
    return error;
}

long sys_brk(vaddr_t end) {
    struct aspace *as = process_current()->as;
    vaddr_t now;
    aspace_lock(as);
    int error = aspace_set_heap(as, end, &now);
    aspace_unlock(as);
    return error ? error : (long)now;
}

#define FILL_PAGES_MAX 256 /* in one stay in the kernel: each may be a copy */

/* Page by page, and the lock in between: others may wait for it. */
long sys_fill(vaddr_t address, uint64_t nbytes) {
    struct aspace *as = process_current()->as;
    if (address >= USER_END || nbytes > USER_END - address)
        return -EFAULT;
    vaddr_t first = page_round_down(address);
    vaddr_t end = min_u64(address + nbytes, first + FILL_PAGES_MAX * PAGE_SIZE);
    for (vaddr_t va = first; va < end; va += PAGE_SIZE) {
        paddr_t frame;
        aspace_lock(as);
        int error = vm_fault_locked(as, va, ACCESS_WRITE, &frame);
        aspace_unlock(as);
        if (error)
            return error;
    }
    return (long)(end - address);
}

/* => as locked; 0, or -errno: some of the range is no private region */
static int discard_check(struct aspace *as, vaddr_t start, vaddr_t end) {
    const struct region *region;
    for (vaddr_t va = start; va < end; va = region->end) {
        region = aspace_find(as, va);
        if (!region)
            return -EFAULT;
        if (region->kind != REGION_KIND_PRIVATE)
            return -EACCES;
    }
    return 0;
}

long sys_discard(vaddr_t start, uint64_t nbytes) {
    struct aspace *as = process_current()->as;
    if (start % PAGE_SIZE != 0 || start >= USER_END || nbytes > USER_END - start)
        return -EINVAL;
    vaddr_t end = start + page_round_up(nbytes), part_end;
    aspace_lock(as);
    int error = discard_check(as, start, end);
    for (vaddr_t va = start; va < end && !error; va = part_end) {
        part_end = min_u64(end, aspace_find(as, va)->end);
        aspace_discard(as, va, (part_end - va) >> PAGE_SHIFT);
    }
    aspace_unlock(as);
    return error;
}
