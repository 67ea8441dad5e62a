/* Pages that are there before they are touched: byre/memory.h, user/runtime/memory.h.
 *
 * A fork marks all pages copy-on-write, so that the parent's next store would need a frame. Between
 * the fork and the fill that follows it the parent therefore stores nothing: fork_filled must stay
 * so short. Waiting is safe: the child needs frames too, and gives up its share when it gets none.
 */
#include "byre/memory.h"
#include "byre/syscall.h"
#include "user/runtime/memory.h"

extern char program_data_start[], program_data_end[]; /* user/user.ld */

#define STACK_START (USER_STACK_TOP - MEMORY_STACK)

long memory_fill(void) {
    long error = sys_fill(STACK_START, MEMORY_STACK);
    return error ? error
                 : sys_fill((uintptr_t)program_data_start,
                            (size_t)(program_data_end - program_data_start));
}

__attribute__((noinline)) long fork_filled(void) {
    long pid = sys_fork();
    while (pid > 0 && memory_fill() < 0)
        (void)sys_yield();
    return pid;
}

void *pages_map(size_t npages) {
    long address = sys_map(0, npages * PAGE_SIZE, MAP_READ | MAP_WRITE);
    if (address < 0)
        return NULL;
    if (sys_fill((uintptr_t)address, npages * PAGE_SIZE) == 0)
        return (void *)address;
    pages_unmap((void *)address, npages);
    return NULL;
}

/* To unmap may need memory, to split a region. */
void pages_unmap(void *pages, size_t npages) {
    if (sys_unmap((uintptr_t)pages, npages * PAGE_SIZE) < 0)
        (void)sys_discard((uintptr_t)pages, npages * PAGE_SIZE);
}
