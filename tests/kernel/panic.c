/* A kernel with a bug: which one, the boot arguments say. What it prints is the test. */
#include "arch/riscv/panic.h"
#include "lib/string.h"
#include "proc/process.h"
#include "proc/sched.h"
#include "trap/begin.h"

#define ROUNDS 1000000

__attribute__((noinline)) static void break_rule(void) { panic("a rule does not hold: %d", 42); }

/* It calls nothing, so its return address is in a register only. */
__attribute__((noinline)) static int load_null(volatile const int *pointer) { return pointer[3]; }

__attribute__((noinline)) static int dig(int rounds) {
    volatile char hole[64];
    hole[0] = (char)rounds;
    return rounds == 0 ? 0 : dig(rounds - 1) + hole[0];
}

__attribute__((noinline)) static void break_chain(void) {
    uint64_t *frame = __builtin_frame_address(0);
    frame[-2] = 0x1230;
    panic("the chain of frames is broken");
}

static void describe_badly(void) { panic("told badly"); }

static void be_process(void) {
    static struct process process = {.pid = 7, .name = "victim"};
    static struct thread thread;
    thread.context.hart = hart_current();
    thread.process = &process;
    thread_set_current(&thread);
    break_rule();
}

void begin(const struct machine *machine) {
    const char *bug = machine->bootargs;
    if (string_equal(bug, "panic"))
        break_rule();
    else if (string_equal(bug, "process"))
        be_process();
    else if (string_equal(bug, "null"))
        load_null(NULL);
    else if (string_equal(bug, "overflow"))
        dig(ROUNDS);
    else if (string_equal(bug, "chain"))
        break_chain();
    else if (string_equal(bug, "twice")) {
        panic_init(describe_badly);
        break_rule();
    }
    machine_exit(0);
}
