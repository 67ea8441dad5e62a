/* Memory that is there before it is touched: byre/memory.h.
 *
 * What a program must keep is made present by SYS_FILL. A fork marks it all copy-on-write, so that
 * the parent's next store would need a frame. Between the fork and the fill that follows it the
 * parent therefore keeps all it needs in registers and stores nothing: byre_fork_filled must stay
 * so short. Waiting is safe: the child needs frames too, and gives up its share when it gets none.
 */
#include "user/libc/filled.h"

#include "byre/memory.h"
#include "byre/syscall.h"

#define STACK_START (USER_STACK_TOP - MEMORY_STACK)

bool byre_memory_filled;

static bool region_is_kept(const struct region_info *region) {
    const unsigned both = MAP_READ | MAP_WRITE;
    return region->kind == REGION_PRIVATE && (region->rights & both) == both &&
           region->end != USER_STACK_TOP;
}

/* All private memory that may be written, but the stack.
 * returns: 0, or a negative errno */
static long regions_fill(void) {
    struct region_info region;
    int self = (int)sys_getpid();
    for (uintptr_t address = 0; sys_region_info(self, address, &region) == 0; address = region.end)
        if (region_is_kept(&region)) {
            long error = sys_fill(region.start, region.end - region.start);
            if (error)
                return error;
        }
    return 0;
}

long memory_fill(void) {
    long error = sys_fill(STACK_START, MEMORY_STACK);
    if (!error)
        error = regions_fill();
    if (!error)
        byre_memory_filled = true;
    return error;
}

long byre_fill_new(uintptr_t address, size_t nbytes) {
    return byre_memory_filled ? sys_fill(address, nbytes) : 0;
}

__attribute__((noinline)) long byre_fork_filled(void) {
    long pid = sys_fork();
    while (pid > 0 && sys_fill(STACK_START, MEMORY_STACK) < 0)
        (void)sys_yield();
    while (pid > 0 && regions_fill() < 0)
        (void)sys_yield();
    if (pid == 0)
        byre_memory_filled = false;
    return pid;
}
