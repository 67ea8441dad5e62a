/* Memory that is there before it is touched: byre/memory.h.
 *
 * What a program must keep is made present by SYS_FILL. A fork marks it all copy-on-write, so that
 * the parent's next store would need a frame. Between the fork and the fill that follows it the
 * parent therefore keeps all it needs in registers and stores nothing: fork_filled must stay so
 * short. Waiting is safe: the child needs frames too, and gives up its share when it gets none. */
#include "user/libc/filled.h"

#include <stdint.h>
#include <unistd.h>

#include "byre/memory.h"
#include "byre/syscall.h"

extern char program_data_start[], program_data_end[];

#define STACK_START (USER_STACK_TOP - MEMORY_STACK)

bool memory_filled;

/* The heap begins where the data ends, but for less than a page. */
static inline long fill(uintptr_t data_bytes) {
    long error = sys_fill(STACK_START, MEMORY_STACK);
    return error ? error : sys_fill((uintptr_t)program_data_start, data_bytes);
}

long memory_fill(void) {
    long error = fill((uintptr_t)sbrk(0) - (uintptr_t)program_data_start);
    if (!error)
        memory_filled = true;
    return error;
}

__attribute__((noinline)) long fork_filled(void) {
    uintptr_t data_bytes = (uintptr_t)sbrk(0) - (uintptr_t)program_data_start;
    long pid = sys_fork();
    while (pid > 0 && fill(data_bytes) < 0)
        (void)sys_yield();
    if (pid == 0)
        memory_filled = false;
    return pid;
}
