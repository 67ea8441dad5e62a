/* What `free`, `ps` and `pmap` ask. Everybody may look at everything: this is a teaching kernel,
 * and what is told are numbers, never bytes. */
#include "trap/information.h"

#include "arch/riscv/harts.h"
#include "drivers/timer.h"
#include "lib/abi.h"
#include "lib/errno.h"
#include "mm/cache.h"
#include "mm/counters.h"
#include "mm/pmm.h"
#include "mm/pt.h"
#include "mm/usercopy.h"
#include "proc/process.h"
#include "proc/sched.h"
#include "trap/stay.h"

static int answer(vaddr_t to, const void *from, size_t nbytes) {
    return copy_out(process_current()->as, to, from, nbytes);
}

long information_memory(vaddr_t to) {
    size_t total = frame_total_count();
    const struct memory_info info = {
        .frames_total = total,
        .frames_free = frame_free_count(),
        .frames_kernel = frame_held_count() + pt_frame_count() + cache_frame_count(),
        .page_table_frames = pt_frame_count(),
        .faults = vm_counters.faults,
        .zero_maps = vm_counters.zero_maps,
        .zero_fills = vm_counters.zero_fills,
        .copies = vm_counters.copies,
        .reuses = vm_counters.reuses,
        .spurious = vm_counters.spurious,
        .refused = vm_counters.refused,
    };
    return answer(to, &info, sizeof info);
}

long information_hart(uint64_t index, vaddr_t to) {
    if (index >= HARTS_MAX)
        return -ENOENT;
    const struct hart *hart = sched_hart((uint32_t)index);
    uint64_t now = timer_now();
    struct hart_info info = {0};
    struct stay stay = stay_take_longest((uint32_t)index);
    if (atomic_load_explicit(&hart->runs, memory_order_acquire))
        info = (struct hart_info){
            .id = hart_id((uint32_t)index),
            .started = 1,
            .nanoseconds = timer_nanoseconds(now - hart->since),
            .busy_nanoseconds = timer_nanoseconds(sched_busy(hart, now)),
            .stolen = hart->nstolen,
            .longest_stay = timer_nanoseconds(stay.ticks),
            .longest_call = stay.call,
        };
    return answer(to, &info, sizeof info);
}

long information_process(long least_pid, vaddr_t to) {
    struct process *process = process_next(least_pid < 0 ? 0 : least_pid);
    struct process_info info;
    if (!process)
        return -ESRCH;
    process_describe(process, &info);
    object_put(&process->object);
    int error = answer(to, &info, sizeof info);
    return error ? error : info.pid;
}

/* => 0 and *as locked, or NULL: it has ended and has no memory any more; -ESRCH: there is no such
 * process */
static int space_lock(long pid, struct process **process, struct aspace **as) {
    *process = process_get(pid);
    if (!*process)
        return -ESRCH;
    *as = process_lock_space(*process);
    return 0;
}

static void space_unlock(struct process *process, struct aspace *as) {
    if (as)
        aspace_unlock(as);
    object_put(&process->object);
}

long information_region(long pid, vaddr_t address, vaddr_t to) {
    struct process *process;
    struct aspace *as;
    struct region_info info = {0};
    int error = space_lock(pid, &process, &as);
    if (error)
        return error;
    const struct region *region = as ? aspace_find_from(as, address) : NULL;
    if (region)
        info = (struct region_info){region->start, region->end, region->rights, region->kind};
    space_unlock(process, as);
    return region ? answer(to, &info, sizeof info) : -ENOENT;
}

/* => as locked */
static struct page_info page_describe(struct aspace *as, vaddr_t va) {
    struct page_info info = {0};
    const pte_t *entry = pt_find(&as->pt, va);
    pte_t value = entry ? pte_load(entry) : 0;
    if (!pte_present(value))
        return info;
    paddr_t frame = pte_frame(value);
    info.flags = PAGE_RESIDENT | (pte_writable(value) ? PAGE_WRITABLE : 0) |
                 (pte_cow(value) ? PAGE_COW : 0) | (frame == zero_frame ? PAGE_ZERO : 0);
    info.count = frame_is_counted(frame) ? frame_count(frame) : 0;
    return info;
}

#define PAGES_AT_ONCE 64    /* with the address space locked */
#define PAGES_TOLD_MAX 4096 /* in one stay in the kernel */

/* The answer goes into memory that may be the same address space, so not while it is locked. */
static int pages_tell(long pid, vaddr_t address, vaddr_t to, size_t n) {
    struct page_info pages[PAGES_AT_ONCE] = {0};
    struct process *process;
    struct aspace *as;
    int error = space_lock(pid, &process, &as);
    if (error)
        return error;
    for (size_t i = 0; as && i < n; i++)
        pages[i] = page_describe(as, address + i * PAGE_SIZE);
    space_unlock(process, as);
    return answer(to, pages, n * sizeof pages[0]);
}

long information_pages(long pid, vaddr_t address, vaddr_t to, uint64_t npages) {
    if (address % PAGE_SIZE != 0 || address >= USER_END ||
        npages > (USER_END - address) >> PAGE_SHIFT)
        return -EINVAL;
    npages = min_u64(npages, PAGES_TOLD_MAX);
    for (uint64_t done = 0, n; done < npages; done += n) {
        n = min_u64(npages - done, PAGES_AT_ONCE);
        int error =
            pages_tell(pid, address + done * PAGE_SIZE, to + done * sizeof(struct page_info), n);
        if (error)
            return error;
    }
    return (long)npages;
}
