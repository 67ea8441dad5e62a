/* The kernel on fake harts: see tests/interleave/kernel.h. Here is what stands below proc/ and
 * trap/: registers, IPIs, and the firmware. */
#include "tests/interleave/kernel.h"

#include "proc/process.c" /* its own: to take init apart, which nothing else may */
#include "proc/thread.c"  /* its own, and tree.c's: to begin each run with the same ids */
#include "proc/tree.c"

#include "arch/riscv/harts.h"
#include "arch/riscv/panic.h"
#include "drivers/timer.h"
#include "proc/fp.h"
#include "proc/futex.h"
#include "proc/resource.h"
#include "proc/sched.h"
#include "tests/check.h"
#include "tests/mm/space.h"
#include "trap/trap.h"

#define INTERRUPT ((uint64_t)1 << 63)
#define IPI 1 /* numbers of interrupts, and bits in `sip` */
#define TIMER 5

static struct fake_hart {
    void *tp;
    uint64_t sip;
    _Atomic uint32_t quiet; /* 0: sip is not */
    uint64_t fp_unit;       /* as sstatus.FS */
    uint64_t fp_register;
} machine_harts[FAKE_HARTS];

static struct fake_hart *own(void) { return &machine_harts[hart_index()]; }

static void set_pending(struct fake_hart *hart, int interrupt, bool pending) {
    uint64_t bit = UINT64_C(1) << interrupt;
    hart->sip = pending ? hart->sip | bit : hart->sip & ~bit;
    hart->quiet = hart->sip == 0;
}

/* ---- The machine ---- */

void *tp_read(void) { return own()->tp; }
void tp_write(void *tp) { own()->tp = tp; }

uint64_t machine_csr_time(void) { return 0; }
uint64_t machine_csr_sip(void) { return own()->sip; }
uint64_t machine_csr_sie(void) { return UINT64_MAX; }
uint64_t machine_csr_scause(void) { return 0; }
uint64_t machine_csr_stval(void) { return 0; }

uint64_t fp_unit(void) { return own()->fp_unit; }
void fp_set_unit(uint64_t fs) { own()->fp_unit = fs; }

void fp_save(struct fp_state *state) {
    yield_point("floating point");
    state->f[0] = own()->fp_register;
}

void fp_load(const struct fp_state *state) { own()->fp_register = state->f[0]; }

void wait_for_interrupt(void) {
    if (machine_at_yield)
        explore_rest(&own()->quiet);
}

void hart_send_ipi(uint32_t index) { set_pending(&machine_harts[index], IPI, true); }
void hart_clear_ipi(void) { set_pending(own(), IPI, false); }
uint32_t hart_id(uint32_t index) { return index; }

/* Time stands still: what is not due now never is. */
void timer_set(uint64_t deadline) { set_pending(own(), TIMER, deadline == 0); }
uint64_t timer_ticks(uint64_t nanoseconds) { return nanoseconds; }
uint64_t timer_nanoseconds(uint64_t ticks) { return ticks; }
uint64_t timer_after(uint64_t nanoseconds) { return nanoseconds; }

_Noreturn void machine_exit(int status) { panic("the machine is off: %d", status); }
_Noreturn void user_resume(struct context *context) { panic("%p resumed", (void *)context); }
const char *cause_name(uint64_t cause) { return cause ? "some cause" : "no cause"; }
void interrupt_take(void) {}
bool machine_zero_ahead(size_t limit) { return limit == 0; }

/* ---- User mode ---- */

void user_next(user_step step) { thread_current()->context.pc = (uintptr_t)step; }
long user_result(void) { return (long)thread_current()->context.x[A0]; }

long user_exit(void) {
    process_end(process_current(), 0);
    return 0;
}

long user_pause(void) {
    thread_wait(thread_current(), WAIT_SLEEP);
    return 0;
}

long user_spin(void) {
    explore_rest(&own()->quiet);
    return user_result();
}

uint64_t *user_fp_register(void) {
    if (fp_unit() == 0)
        CHECK(fp_use());
    fp_set_unit(SSTATUS_FS);
    return &own()->fp_register;
}

static void user_run(void) {
    uint64_t pc = thread_current()->context.pc;
    user_step step = pc < USER_END ? user_program : (user_step)pc;
    (void)trap_leave(step());
}

static void user_yield(void) {
    thread_add_pending(thread_current(), PENDING_RESCHEDULE | PENDING_REGISTERS);
    (void)trap_leave(0);
}

void kernel_run(void) {
    if (!thread_current()->process)
        (void)trap_leave(0);
    for (;;) {
        yield_point("user");
        if (own()->quiet)
            user_run();
        else
            (void)trap_handle(INTERRUPT | (own()->sip & 1 << IPI ? IPI : TIMER), 0);
    }
}

/* ---- Begin and end ---- */

static struct thread *init_thread;

static void hart_boot(uint32_t index) {
    machine_hart = index;
    *sched_hart(index) = (struct hart){0};
    machine_harts[index] = (struct fake_hart){.quiet = 1};
    tp_write(sched_init_hart(index, NULL));
    sched_idle(); /* the last run may have ended there: it is not idle any more */
    sched_join();
}

void kernel_boot(uint32_t nharts, user_step step, user_step held, user_step stop) {
    for (uint32_t i = nharts; i > 0; i--)
        hart_boot(i - 1);
    futex_init();
    fp_init(true);
    struct process *init = NULL;
    CHECK_EQUAL(0, process_create_first(&init, &init_thread));
    init->as = space_with(2, READ_WRITE);
    init_thread->context.pc = (uintptr_t)step;
    sched_ready(init_thread);
    (void)trap_leave(0);
    while (thread_current()->context.pc != (uintptr_t)stop)
        if (thread_current()->context.pc == (uintptr_t)held)
            user_yield();
        else
            user_run();
}

static size_t count_threads(void) {
    size_t n = 0;
    for (long id = 0; idmap_next(&map, &id); id++)
        n++;
    return n;
}

/* The next run gives the same numbers again. */
static void numbers_reset(void) {
    next_pid = PID_INIT;
    first_id = THREAD_ID_FIRST;
    last_id = 0;
    tokens_used = 0;
}

void kernel_end(void) {
    CHECK(!process_next(PID_INIT + 1));
    CHECK_EQUAL(1, count_threads());
    CHECK_EQUAL(THREAD_WAITING, init_thread->state);
    process_abandon(init_process, init_thread);
    (void)idmap_remove(&pids, PID_INIT);
    numbers_reset();
}
