/* The dispatcher: a table from cause to handler, and the way out to whoever runs next.
 *
 * A fault of user memory is the resolver's business (mm/fault.c); what it cannot settle ends the
 * process, with a line that says which, where and why. Interrupts are taken in user mode and in
 * idle, and both look them up in the same place. */
#include "trap/trap.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/panic.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/counters.h"
#include "mm/fault.h"
#include "mm/pmm.h"
#include "proc/fp.h"
#include "proc/process.h"
#include "proc/resource.h"
#include "proc/sched.h"
#include "proc/wait.h"
#include "trap/stay.h"

#define CAUSE_INTERRUPT ((uint64_t)1 << 63)
#define INTERRUPT_SOFTWARE 1 /* by another hart */
#define INTERRUPT_TIMER 5
#define INTERRUPT_EXTERNAL 9

#define ZEROED_AHEAD_MAX 256 /* frames: 1 MiB */

/* ---- Exceptions ---- */

/* => 0: the program goes on; a negative errno: it ends */
typedef int (*exception_handler)(uint64_t value);

static int fault(uint64_t address, enum access access) {
    counter_add(&vm_counters.faults, 1);
    return vm_fault(process_current()->as, address, access);
}

static int fault_execute(uint64_t address) { return fault(address, ACCESS_EXECUTE); }
static int fault_read(uint64_t address) { return fault(address, ACCESS_READ); }
static int fault_write(uint64_t address) { return fault(address, ACCESS_WRITE); }

/* Floating point while the unit is off looks like an instruction that does not exist. */
static int illegal(uint64_t instruction) {
    (void)instruction;
    return fp_use() ? 0 : -EINVAL;
}

static int refuse(uint64_t value) {
    (void)value;
    return -EINVAL;
}

/* By cause (Privileged, table of scause). System calls have a way of their own. */
static const struct {
    exception_handler handle;
    int signal; /* that the process ends by */
} exceptions[16] = {
    [0] = {refuse, SIGNAL_BUS},          [1] = {refuse, SIGNAL_BUS},
    [2] = {illegal, SIGNAL_ILLEGAL},     [3] = {refuse, SIGNAL_TRAP},
    [4] = {refuse, SIGNAL_BUS},          [5] = {refuse, SIGNAL_BUS},
    [6] = {refuse, SIGNAL_BUS},          [7] = {refuse, SIGNAL_BUS},
    [12] = {fault_execute, SIGNAL_SEGV}, [13] = {fault_read, SIGNAL_SEGV},
    [15] = {fault_write, SIGNAL_SEGV},
};

/* What could not be settled ends the process, and says why. => the trap's registers are as it left
 * them */
__attribute__((noinline)) static void end_forced(int error) {
    const struct process *process = process_current();
    uint64_t cause = csr_read(scause);
    const char *reason = error == -ENOMEM   ? ": no memory left"
                         : error == -EACCES ? ": the region forbids it"
                         : error == -EFAULT ? ": nothing is there"
                                            : "";
    print("[pid %u %s] ended: %s%s; pc %#lx address %#lx\n", process->pid, process->name,
          cause_name(cause), reason, (unsigned long)thread_current()->context.pc,
          (unsigned long)csr_read(stval));
    process_end(process_current(), error == -ENOMEM ? SIGNAL_KILL : exceptions[cause].signal);
}

static void exception(uint64_t cause, uint64_t value) {
    if (cause >= array_length(exceptions) || !exceptions[cause].handle)
        panic("trap from user mode with cause %#lx", (unsigned long)cause);
    int error = exceptions[cause].handle(value);
    if (error)
        end_forced(error);
}

/* ---- Interrupts ---- */

static void interrupt(uint64_t number) {
    if (number == INTERRUPT_SOFTWARE)
        sched_ipi();
    else if (number == INTERRUPT_TIMER)
        sched_tick();
    else if (number == INTERRUPT_EXTERNAL)
        interrupt_take();
    else
        panic("interrupt %lu, which nobody enabled", (unsigned long)number);
}

/* Nothing is ready. Interrupts stay off: wfi ends when one is pending, and it is handled from here.
 */
static void idle(void) {
    if (!frame_zero_ahead(ZEROED_AHEAD_MAX))
        sched_idle();
}

static void idle_interrupts(void) {
    uint64_t pending = csr_read(sip) & csr_read(sie);
    if (pending & 1 << INTERRUPT_SOFTWARE)
        interrupt(INTERRUPT_SOFTWARE);
    if (pending & 1 << INTERRUPT_TIMER)
        interrupt(INTERRUPT_TIMER);
    if (pending & 1 << INTERRUPT_EXTERNAL)
        interrupt(INTERRUPT_EXTERNAL);
}

/* ---- The way out ---- */

/* Find a thread that may go on: the current one, unless it must not. */
static struct context *go_on(void) {
    for (;;) {
        struct thread *thread = thread_current();
        uint64_t pending = atomic_fetch_and_explicit(
            &thread->context.pending, PENDING_END | PENDING_WAIT, memory_order_acquire);
        bool runs = atomic_load_explicit(&thread->state, memory_order_relaxed) == THREAD_RUNNING;
        if (runs && (pending & PENDING_END)) {
            process_end_thread();
        } else if (runs && (pending & PENDING_WAIT)) {
            atomic_fetch_and_explicit(&thread->context.pending, ~(uint64_t)PENDING_WAIT,
                                      memory_order_relaxed);
            wait_resume();
            continue;
        } else if (runs && !(pending & PENDING_RESCHEDULE)) {
            stay_end();
            return &thread->context;
        }
        while (!sched_next()) {
            stay_end();
            idle();
            stay_begin(STAY_INTERRUPT);
            idle_interrupts();
        }
    }
}

struct context *trap_handle(uint64_t cause, uint64_t value) {
    stay_begin(cause & CAUSE_INTERRUPT ? STAY_INTERRUPT : STAY_FAULT + cause);
    if (cause & CAUSE_INTERRUPT)
        interrupt(cause & ~CAUSE_INTERRUPT);
    else
        exception(cause, value);
    const struct context *context = &thread_current()->context;
    if (atomic_load_explicit(&context->pending, memory_order_relaxed) != 0)
        return go_on();
    stay_end();
    return NULL;
}

struct context *trap_leave(long result) {
    struct thread *thread = thread_current();
    uint64_t pending = atomic_load_explicit(&thread->context.pending, memory_order_relaxed);
    if (!(pending & PENDING_REGISTERS))
        thread->context.x[A0] = (uint64_t)result;
    return go_on();
}

void trap_start(void) {
    stay_begin(STAY_INTERRUPT);
    csr_write(sie, 1 << INTERRUPT_SOFTWARE | 1 << INTERRUPT_TIMER | 1 << INTERRUPT_EXTERNAL);
    user_resume(go_on());
}
