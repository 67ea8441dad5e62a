/* The scheduler: queues, slices, sleep, and what changes hands when another thread runs: address
 * space, floating point, kernel stack. */
#include "proc/sched.h"

#include "arch/riscv/harts.h"
#include "drivers/timer.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "proc/fp.h"
#include "proc/process.h"

static struct hart harts[HARTS_MAX];
static _Atomic uint32_t stop_wanted;  /* 1: a hart needs the others to stand still */
static _Atomic uint32_t moving_harts; /* bit i: hart i takes part, and does not stand still */
static uint64_t slice_ticks;
static _Atomic uint64_t idle_harts; /* bit i: hart i has nothing to do and waits for an IPI */

struct hart *sched_hart(uint32_t index) {
    return &harts[index];
}

struct context *sched_init_hart(uint32_t index, void *kernel_stack) {
    struct hart *hart = &harts[index];
    hart->index = index;
    lock_init(&hart->lock, "ready queue", LOCK_RANK_RUN_QUEUE);
    hart->slice_end = hart->wake_at = TIMER_NEVER;
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
    slice_ticks = timer_ticks(SLICE_NANOSECONDS); /* the same on all harts */
    atomic_store_explicit(&hart->runs, true, memory_order_release);
    atomic_fetch_or_explicit(&moving_harts, own_bit(), memory_order_seq_cst);
    stop_here();
}

/* ---- The timer ---- */

/* This hart's timer fires at the end of the slice or for the first sleeper. It is the hart's own
 * and needs no lock; and none is held, since a hart of an emulated machine may lose its turn when
 * it sets its timer, and others would wait. */
static void timer_arm(const struct hart *hart) {
    timer_set(min_u64(hart->wake_at, hart->slice_end));
}

/* The current thread has a whole slice from now on, since others wait for their turn. */
__attribute__((noinline)) static void slice_begin(struct hart *hart, uint64_t now) {
    hart->slice_end = now + slice_ticks;
    timer_arm(hart);
}

static void note_first_sleeper(struct hart *hart) {
    assert(lock_is_held(&hart->lock));
    const struct thread *sleeper = list_first(&hart->sleepers, struct thread, timer);
    hart->wake_at = sleeper ? sleeper->deadline : TIMER_NEVER;
}

void sched_wake_at(struct thread *thread, uint64_t deadline, sched_timeout timeout) {
    struct hart *hart = hart_current();
    struct thread *later;
    thread->deadline = deadline;
    thread->timeout = timeout;
    lock_acquire(&hart->lock);
    list_for_each (later, &hart->sleepers, timer)
        if (later->deadline > deadline)
            break;
    list_insert_before(&later->timer, &thread->timer);
    thread->sleeps_at = hart;
    note_first_sleeper(hart);
    lock_release(&hart->lock);
    timer_arm(hart);
}

static long sleep_is_over(struct thread *thread) {
    (void)thread;
    return 0;
}

void sched_sleep(uint64_t deadline) {
    struct thread *thread = thread_current();
    thread_wait(thread, WAIT_SLEEP);
    sched_wake_at(thread, deadline, sleep_is_over);
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
 * waits end here and now, under the lock: a moment later they might wait for something else. */
static void take_due(struct hart *hart, struct list *due) {
    struct thread *sleeper;
    uint64_t now = timer_now();
    lock_acquire(&hart->lock);
    while ((sleeper = list_first(&hart->sleepers, struct thread, timer)) &&
           sleeper->deadline <= now) {
        list_remove(&sleeper->timer);
        if (thread_win_wakeup(sleeper))
            list_push_back(due, &sleeper->ready);
    }
    note_first_sleeper(hart);
    lock_release(&hart->lock);
}

static void wake_due(struct list *due) {
    struct thread *sleeper;
    while ((sleeper = list_first(due, struct thread, ready))) {
        list_remove(&sleeper->ready);
        sleeper->sleeps_at = NULL;
        sleeper->context.x[A0] = (uint64_t)sleeper->timeout(sleeper);
        sleeper->wait = WAIT_NONE;
        sched_ready(sleeper);
    }
}

void sched_tick(void) {
    struct hart *hart = hart_current();
    struct list due;
    list_init(&due);
    take_due(hart, &due);
    if (hart->slice_end <= timer_now()) {
        hart->slice_end = TIMER_NEVER;
        if (!list_empty(&hart->ready))
            thread_add_pending(thread_current(), PENDING_RESCHEDULE);
    }
    timer_arm(hart);
    wake_due(&due);
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
    lock_release(&hart->lock);
    /* The timer is each hart's own. Another one looks at its queue when it gets an IPI. */
    if (hart == hart_current() && hart->slice_end == TIMER_NEVER)
        slice_begin(hart, timer_now());
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
    if (!list_empty(&hart->ready) && hart->slice_end == TIMER_NEVER)
        slice_begin(hart, timer_now());
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

/* needs: hart locked. It is unlocked afterwards. returns: NULL: nothing is ready there */
static struct thread *ready_pop(struct hart *hart) {
    assert(lock_is_held(&hart->lock));
    struct thread *thread = list_first(&hart->ready, struct thread, ready);
    if (thread)
        list_remove(&thread->ready);
    lock_release(&hart->lock);
    return thread;
}

/* A thread that waits for its turn on a busy hart; NULL: there is none, or its queue is locked:
 * then we look again before we idle (any_ready). Where harts take turns on one processor, one that
 * lost its turn with its queue locked would be waited for by all others. */
__attribute__((noinline)) static struct thread *steal(struct hart *own) {
    struct thread *thread = NULL;
    for (uint32_t i = 1; i < HARTS_MAX && !thread; i++) {
        struct hart *other = &harts[(own->index + i) % HARTS_MAX];
        /* A look without the lock: who adds a thread later sends an IPI to a hart that idles. */
        if (atomic_load_explicit(&other->runs, memory_order_acquire) &&
            !list_empty(&other->ready) && lock_try(&other->lock))
            thread = ready_pop(other);
    }
    if (thread)
        own->nstolen++;
    return thread;
}

/* Not in line, as all that is not on the way of a message. */
__attribute__((noinline)) static struct thread *choose_ready(struct hart *hart) {
    struct thread *next = NULL;
    if (!list_empty(&hart->ready)) {
        lock_acquire(&hart->lock);
        next = ready_pop(hart);
    }
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
}

/* A thread has come to its turn, and others wait for theirs: it has a new slice, or at least the
 * larger part of what the last one left. */
static inline void slice_continue(struct hart *hart, uint64_t now) {
    if (!list_empty(&hart->ready) && (int64_t)(hart->slice_end - now) < (int64_t)slice_ticks / 2)
        slice_begin(hart, now);
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
    bool next_turn = !hart->switch_to; /* a direct switch goes on with the same turn */
    struct thread *next = choose(hart);
    fp_switch(hart, next);
    load(hart, next ? &next->process->as->pt : NULL);
    /* Nothing of the last thread is on this hart any more, so it may run elsewhere. We say so
     * before we wait for the next one: else two harts could wait for each other. */
    atomic_store_explicit(&thread->on_hart, 0, memory_order_release);
    if (next) {
        enter(hart, next, now);
        if (next_turn)
            slice_continue(hart, now);
    } else {
        atomic_store_explicit(&hart->entered, 0, memory_order_relaxed);
        thread_set_current(&hart->idle);
    }
    return next != NULL;
}
