/* The scheduler: queues, slices, sleep, and what changes hands when another thread runs: address
 * space, floating point, kernel stack. */
#include "proc/sched.h"

#include "arch/riscv/harts.h"
#include "drivers/timer.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "proc/futex.h"
#include "proc/process.h"

static struct hart harts[HARTS_MAX];
static _Atomic uint32_t stop_wanted;  /* 1: a hart needs the others to stand still */
static _Atomic uint32_t moving_harts; /* bit i: hart i takes part, and does not stand still */
static _Atomic uint64_t idle_harts;   /* bit i: hart i has nothing to do and waits for an IPI */

struct hart *sched_hart(uint32_t index) {
    return &harts[index];
}

struct context *sched_init_hart(uint32_t index, void *kernel_stack) {
    struct hart *hart = &harts[index];
    hart->index = index;
    lock_init(&hart->lock, "ready queue", LOCK_RANK_RUN_QUEUE);
    list_init(&hart->ready);
    list_init(&hart->sleepers);
    list_init(&hart->idle.ready);
    hart->idle.context.hart = hart;
    hart->idle.context.hart_index = index;
    hart->idle.context.kernel_stack = (uintptr_t)kernel_stack;
    hart->idle.context.pending = PENDING_RESCHEDULE;
    return &hart->idle.context;
}

uint64_t sched_busy(const struct hart *hart, uint64_t now) {
    uint64_t entered = atomic_load_explicit(&hart->entered, memory_order_relaxed);
    return hart->busy + (entered != 0 && entered < now ? now - entered : 0);
}

/* ---- Stand still ---- */

static uint32_t own_bit(void) { return (uint32_t)1 << hart_index(); }

/* Stand still while another hart wants us to. Who goes on says so first and then looks once more:
 * the next one that wants us to stop may have counted us as standing.
 * => no lock held */
static void stop_here(void) {
    while (atomic_load_explicit(&stop_wanted, memory_order_seq_cst)) {
        atomic_fetch_and_explicit(&moving_harts, ~own_bit(), memory_order_seq_cst);
        while (atomic_load_explicit(&stop_wanted, memory_order_acquire))
            yield_until_zero(&stop_wanted);
        atomic_fetch_or_explicit(&moving_harts, own_bit(), memory_order_seq_cst);
    }
}

void sched_stop_others(void) {
    yield_point("stop");
    /* One at a time; who comes second stands still for the first. */
    while (atomic_exchange_explicit(&stop_wanted, 1, memory_order_seq_cst))
        stop_here();
    uint32_t others =
        atomic_fetch_and_explicit(&moving_harts, ~own_bit(), memory_order_seq_cst) & ~own_bit();
    for (; others; others &= others - 1)
        hart_send_ipi((uint32_t)lowest_bit(others));
    while (atomic_load_explicit(&moving_harts, memory_order_acquire))
        yield_until_zero(&moving_harts);
}

void sched_resume_others(void) {
    atomic_fetch_or_explicit(&moving_harts, own_bit(), memory_order_relaxed);
    atomic_store_explicit(&stop_wanted, 0, memory_order_release);
}

void sched_join(void) {
    struct hart *hart = hart_current();
    hart->since = timer_now();
    atomic_store_explicit(&hart->runs, true, memory_order_release);
    atomic_fetch_or_explicit(&moving_harts, own_bit(), memory_order_seq_cst);
    stop_here();
}

/* ---- The timer ---- */

/* Unlock this hart, and fire at the end of the slice or for the first sleeper, whichever comes
 * first. The timer is the hart's own, so it needs no lock; and a hart of an emulated machine may
 * lose its turn when it sets one, which must not happen while others wait for the lock.
 * => hart locked, and the current one */
static void unlock_and_arm(struct hart *hart) {
    uint64_t deadline = TIMER_NEVER;
    const struct thread *sleeper = list_first(&hart->sleepers, struct thread, timer);
    if (sleeper)
        deadline = sleeper->deadline;
    hart->slice_armed = !list_empty(&hart->ready);
    if (hart->slice_armed)
        deadline = min_u64(deadline, timer_now() + timer_ticks(SLICE_NANOSECONDS));
    lock_release(&hart->lock);
    timer_set(deadline);
}

void sched_wake_at(struct thread *thread, uint64_t deadline) {
    struct hart *hart = hart_current();
    struct thread *later;
    thread->deadline = deadline;
    lock_acquire(&hart->lock);
    list_for_each (later, &hart->sleepers, timer)
        if (later->deadline > deadline)
            break;
    list_insert_before(&later->timer, &thread->timer);
    thread->sleeps_at = hart;
    unlock_and_arm(hart);
}

void sched_sleep(uint64_t deadline) {
    struct thread *thread = thread_current();
    thread_wait(thread, WAIT_SLEEP);
    sched_wake_at(thread, deadline);
}

void sched_forget_sleeper(struct thread *thread) {
    if (!thread->sleeps_at)
        return;
    lock_acquire(&thread->sleeps_at->lock);
    list_remove(&thread->timer);
    lock_release(&thread->sleeps_at->lock);
    thread->sleeps_at = NULL;
}

/* Take the sleepers whose time has come and whose waits nobody else has ended off the list. Their
 * waits end here and now, under the lock: a moment later they might wait for something else.
 * => hart locked */
static void take_due(struct hart *hart, struct list *due) {
    struct thread *sleeper;
    uint64_t now = timer_now();
    while ((sleeper = list_first(&hart->sleepers, struct thread, timer)) &&
           sleeper->deadline <= now) {
        list_remove(&sleeper->timer);
        if (thread_win_wakeup(sleeper))
            list_push_back(due, &sleeper->ready);
    }
}

void sched_tick(void) {
    struct hart *hart = hart_current();
    struct thread *sleeper;
    struct list due;
    list_init(&due);
    lock_acquire(&hart->lock);
    take_due(hart, &due);
    if (!list_empty(&hart->ready))
        thread_add_pending(thread_current(), PENDING_RESCHEDULE);
    unlock_and_arm(hart);
    while ((sleeper = list_first(&due, struct thread, ready))) {
        list_remove(&sleeper->ready);
        sleeper->sleeps_at = NULL;
        bool late = sleeper->wait == WAIT_FUTEX;
        if (late)
            futex_forget(sleeper);
        sleeper->context.x[A0] = late ? (uint64_t)-ETIMEDOUT : 0;
        sleeper->wait = WAIT_NONE;
        sched_ready(sleeper);
    }
}

/* ---- Queues ---- */

/* This hart is about to look for a thread, and there is none yet. */
static bool hart_wants_thread(const struct hart *hart) {
    return thread_current() == &hart->idle && !hart->switch_to && list_empty(&hart->ready);
}

/* A hart that idles, which is from now on ours to interrupt. NULL: there is none */
static struct hart *idle_take(void) {
    uint64_t idle = atomic_load_explicit(&idle_harts, memory_order_relaxed);
    while (idle) {
        int index = lowest_bit(idle);
        uint64_t bit = (uint64_t)1 << index;
        if (atomic_fetch_and_explicit(&idle_harts, ~bit, memory_order_acq_rel) & bit)
            return &harts[index];
        idle &= ~bit;
    }
    return NULL;
}

/* Put it into the hart's queue. */
static void ready_push(struct hart *hart, struct thread *thread) {
    lock_acquire(&hart->lock);
    list_push_back(&hart->ready, &thread->ready);
    /* The timer is each hart's own. Another one looks at its queue when it gets an IPI. */
    if (hart == hart_current() && !hart->slice_armed)
        unlock_and_arm(hart);
    else
        lock_release(&hart->lock);
}

void sched_ready(struct thread *thread) {
    struct hart *own = hart_current(), *idle = NULL;
    bool stays = hart_wants_thread(own);
    if (!stays)
        idle = idle_take();
    ready_push(idle ? idle : own, thread);
    if (!stays && !idle) {
        /* A hart may have begun to idle after our look, and before there was a thread for it to
         * see. So look again: it takes the thread out of our queue. (sched_idle: the other way
         * round) */
        atomic_thread_fence(memory_order_seq_cst);
        idle = idle_take();
    }
    if (idle)
        hart_send_ipi(idle->index);
}

void sched_ipi(void) {
    struct hart *hart = hart_current();
    hart_clear_ipi();
    stop_here();
    lock_acquire(&hart->lock);
    if (!list_empty(&hart->ready) && !hart->slice_armed)
        unlock_and_arm(hart);
    else
        lock_release(&hart->lock);
}

void sched_interrupt(struct thread *thread) {
    struct hart *hart = thread->context.hart;
    /* What we told it, before we look where it is: it looks the other way round (enter). */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&thread->state, memory_order_relaxed) == THREAD_RUNNING && hart &&
        hart != hart_current())
        hart_send_ipi(hart->index);
}

void sched_run_first(struct thread *thread) {
    struct hart *hart = hart_current();
    assert(!hart->switch_to);
    hart->switch_to = thread;
    thread_add_pending(thread_current(), PENDING_RESCHEDULE);
}

/* => NULL: nothing is ready there */
__attribute__((noinline)) static struct thread *ready_pop(struct hart *hart) {
    /* A look without the lock: who adds a thread later sends an IPI to a hart that idles. */
    if (list_empty(&hart->ready))
        return NULL;
    lock_acquire(&hart->lock);
    struct thread *thread = list_first(&hart->ready, struct thread, ready);
    if (thread)
        list_remove(&thread->ready);
    lock_release(&hart->lock);
    return thread;
}

/* A thread that waits for its turn on a busy hart; NULL: there is none. */
__attribute__((noinline)) static struct thread *steal(struct hart *own) {
    struct thread *thread = NULL;
    for (uint32_t i = 1; i < HARTS_MAX && !thread; i++) {
        struct hart *other = &harts[(own->index + i) % HARTS_MAX];
        if (atomic_load_explicit(&other->runs, memory_order_acquire))
            thread = ready_pop(other);
    }
    if (thread)
        own->nstolen++;
    return thread;
}

/* Not in line, as all that is not on the way of a message. */
__attribute__((noinline)) static struct thread *choose_ready(struct hart *hart) {
    struct thread *next = ready_pop(hart);
    return next ? next : steal(hart);
}

static struct thread *choose(struct hart *hart) {
    struct thread *next = hart->switch_to;
    hart->switch_to = NULL;
    return next ? next : choose_ready(hart);
}

static bool any_ready(void) {
    for (uint32_t i = 0; i < HARTS_MAX; i++)
        if (atomic_load_explicit(&harts[i].runs, memory_order_acquire) &&
            !list_empty(&harts[i].ready))
            return true;
    return false;
}

void sched_idle(void) {
    uint64_t bit = (uint64_t)1 << hart_current()->index;
    /* The bit first: who put a thread into a queue and then found no bit did so before, and it is
     * seen here. */
    atomic_fetch_or_explicit(&idle_harts, bit, memory_order_seq_cst);
    atomic_thread_fence(memory_order_seq_cst);
    if (!any_ready())
        /* Interrupts are off: wfi ends when one is pending, and it is handled afterwards. */
        wait_for_interrupt();
    atomic_fetch_and_explicit(&idle_harts, ~bit, memory_order_relaxed);
}

/* ---- What changes hands ---- */

static void load(struct hart *hart, struct page_table *pt) {
    if (hart->loaded == pt)
        return;
    pt_load(hart->loaded, pt, hart->index);
    hart->loaded = pt;
}

void sched_unload(void) { load(hart_current(), NULL); }

void sched_reload(void) { load(hart_current(), &thread_current()->process->as->pt); }

static inline void fp_switch(struct hart *hart, struct thread *next) {
    uint64_t unit = fp_unit();
    /* Only the owner can have changed them: for all others the unit is off. */
    if (unit == SSTATUS_FS)
        fp_save(&hart->fp_owner->fp);
    uint64_t wanted =
        next && hart->fp_owner == next && next->fp_hart == hart ? SSTATUS_FS_CLEAN : 0;
    if (unit != wanted)
        fp_set_unit(wanted);
}

bool sched_fp_use(void) {
    struct thread *thread = thread_current();
    if (fp_unit() != 0)
        return false;
    fp_set_unit(SSTATUS_FS_CLEAN);
    fp_load(&thread->fp);
    fp_set_unit(SSTATUS_FS_CLEAN); /* loading made them dirty */
    thread->fp_hart = thread->context.hart;
    thread->fp_hart->fp_owner = thread;
    return true;
}

void sched_fp_fork(struct thread *child) {
    struct thread *parent = thread_current();
    if (!parent->fp_hart)
        return;
    if (fp_unit() == SSTATUS_FS)
        fp_save(&parent->fp);
    child->fp = parent->fp;
}

void sched_fp_forget(struct thread *thread) {
    thread->fp = (struct fp_state){0};
    thread->fp_hart = NULL;
    if (thread == thread_current())
        fp_set_unit(0);
}

/* The current thread no longer runs: count its time, and queue it if it still can run. */
static void leave(struct hart *hart, struct thread *thread, uint64_t now) {
    if (thread == &hart->idle)
        return;
    uint64_t ticks = now - thread->started;
    hart->busy += ticks;
    process_count_time(thread->process, ticks);
    uint32_t state = atomic_load_explicit(&thread->state, memory_order_relaxed);
    if (state == THREAD_RUNNING &&
        atomic_compare_exchange_strong_explicit(&thread->state, &state, THREAD_READY,
                                                memory_order_acq_rel, memory_order_acquire))
        sched_ready(thread);
}

__attribute__((noinline)) static void slice_begin(struct hart *hart) {
    lock_acquire(&hart->lock);
    unlock_and_arm(hart);
}

static void enter(struct hart *hart, struct thread *thread, uint64_t now) {
    /* Another hart may just have ended its wait there, and still be on its way out. */
    while (atomic_load_explicit(&thread->on_hart, memory_order_acquire) != 0)
        yield_until_zero(&thread->on_hart);
    atomic_store_explicit(&thread->on_hart, 1, memory_order_relaxed);
    thread->started = now;
    atomic_store_explicit(&hart->entered, now, memory_order_relaxed);
    if (thread->context.hart != hart) {
        thread->context.hart = hart;
        thread->context.hart_index = hart->index;
        thread->context.kernel_stack = hart->idle.context.kernel_stack;
    }
    /* Ordered before the look at `pending` that follows: sched_interrupt does it the other way. */
    atomic_store_explicit(&thread->state, THREAD_RUNNING, memory_order_seq_cst);
    thread_set_current(thread);
    if (!hart->slice_armed && !list_empty(&hart->ready))
        slice_begin(hart);
}

/* Nobody else wants this hart, and its thread can go on. */
static bool stays(const struct hart *hart, const struct thread *thread) {
    return !hart->switch_to && list_empty(&hart->ready) && thread != &hart->idle &&
           atomic_load_explicit(&thread->state, memory_order_relaxed) == THREAD_RUNNING;
}

bool sched_next(void) {
    struct thread *thread = thread_current();
    struct hart *hart = thread->context.hart;
    if (stays(hart, thread))
        return true;
    uint64_t now = timer_now();
    leave(hart, thread, now);
    struct thread *next = choose(hart);
    fp_switch(hart, next);
    load(hart, next ? &next->process->as->pt : NULL);
    /* Nothing of the last thread is on this hart any more, so it may run elsewhere. We let go of it
     * before we wait for the next one: else two harts could wait for each other. */
    atomic_store_explicit(&thread->on_hart, 0, memory_order_release);
    if (next) {
        enter(hart, next, now);
    } else {
        atomic_store_explicit(&hart->entered, 0, memory_order_relaxed);
        thread_set_current(&hart->idle);
    }
    return next != NULL;
}
