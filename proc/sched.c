/* The scheduler: queues, slices, sleep, and what changes hands when another thread runs: address
 * space, floating point, kernel stack. */
#include "proc/sched.h"

#include "drivers/timer.h"
#include "lib/assert.h"
#include "proc/process.h"

static struct hart boot_hart;

void sched_init(uint32_t id, uint32_t plic_context, void *kernel_stack) {
    struct hart *hart = &boot_hart;
    hart->id = id;
    hart->plic_context = plic_context;
    lock_init(&hart->lock, "ready queue", LOCK_RANK_RUN_QUEUE);
    list_init(&hart->ready);
    list_init(&hart->sleepers);
    list_init(&hart->idle.ready);
    hart->idle.frame.hart = hart;
    hart->idle.frame.hart_index = hart->index;
    hart->idle.frame.kernel_stack = (uintptr_t)kernel_stack;
    hart->idle.frame.attention = ATTENTION_RESCHEDULE;
    thread_set_current(&hart->idle);
}

/* ---- The timer ---- */

/* Fire at the end of the slice or for the first sleeper, whichever comes first.
 * => hart locked */
static void timer_arm(struct hart *hart) {
    uint64_t deadline = TIMER_NEVER;
    const struct thread *sleeper = list_first(&hart->sleepers, struct thread, waiting);
    if (sleeper)
        deadline = sleeper->deadline;
    hart->slice_armed = !list_empty(&hart->ready);
    if (hart->slice_armed)
        deadline = min_u64(deadline, timer_now() + timer_ticks(SLICE_NANOSECONDS));
    timer_set(deadline);
}

void sched_sleep(uint64_t deadline) {
    struct thread *thread = thread_current();
    struct hart *hart = thread->frame.hart;
    struct thread *later;
    thread->deadline = deadline;
    lock_acquire(&hart->lock);
    list_for_each (later, &hart->sleepers, waiting)
        if (later->deadline > deadline)
            break;
    list_insert_before(&later->waiting, &thread->waiting);
    thread_wait(thread, WAIT_SLEEP);
    timer_arm(hart);
    lock_release(&hart->lock);
}

void sched_forget_sleeper(struct thread *thread) {
    struct hart *hart = thread->frame.hart;
    lock_acquire(&hart->lock);
    list_remove(&thread->waiting);
    lock_release(&hart->lock);
}

/* => hart locked; thread on no list */
static void ready_push(struct hart *hart, struct thread *thread) {
    list_push_back(&hart->ready, &thread->ready);
    if (!hart->slice_armed)
        timer_arm(hart);
}

void sched_tick(void) {
    struct hart *hart = hart_current();
    struct thread *sleeper;
    uint64_t now = timer_now();
    lock_acquire(&hart->lock);
    while ((sleeper = list_first(&hart->sleepers, struct thread, waiting)) &&
           sleeper->deadline <= now) {
        list_remove(&sleeper->waiting);
        if (!thread_wake(sleeper))
            continue;
        sleeper->frame.x[A0] = 0;
        list_push_back(&hart->ready, &sleeper->ready);
    }
    if (!list_empty(&hart->ready))
        thread_attend(thread_current(), ATTENTION_RESCHEDULE);
    timer_arm(hart);
    lock_release(&hart->lock);
}

/* ---- Queues ---- */

void sched_ready(struct thread *thread) {
    struct hart *hart = hart_current();
    lock_acquire(&hart->lock);
    ready_push(hart, thread);
    lock_release(&hart->lock);
}

void sched_hand_over(struct thread *thread) {
    struct thread *current = thread_current();
    struct hart *hart = current->frame.hart;
    bool waits = atomic_load_explicit(&current->state, memory_order_relaxed) == THREAD_WAITING;
    if (waits && !hart->chosen)
        hart->chosen = thread;
    else
        sched_ready(thread);
}

void sched_run_first(struct thread *thread) {
    struct hart *hart = hart_current();
    assert(!hart->chosen);
    hart->chosen = thread;
    thread_attend(thread_current(), ATTENTION_RESCHEDULE);
}

/* => NULL: nothing is ready */
static struct thread *ready_pop(struct hart *hart) {
    lock_acquire(&hart->lock);
    struct thread *thread = list_first(&hart->ready, struct thread, ready);
    if (thread)
        list_remove(&thread->ready);
    lock_release(&hart->lock);
    return thread;
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

static void fp_switch(struct hart *hart, struct thread *next) {
    uint64_t unit = fp_unit();
    /* Only the owner can have changed them: for all others the unit is off. */
    if (unit == SSTATUS_FS)
        fp_save(&hart->fp_owner->fp);
    uint64_t wanted = hart->fp_owner == next && next->fp_hart == hart ? SSTATUS_FS_CLEAN : 0;
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
    thread->fp_hart = thread->frame.hart;
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
    fp_set_unit(0);
}

/* The current thread no longer runs: put it where it belongs, and its time on its process. */
static void leave(struct hart *hart, struct thread *thread, uint64_t now) {
    if (thread == &hart->idle)
        return;
    thread->process->ticks += now - thread->started;
    uint32_t running = THREAD_RUNNING;
    if (!atomic_compare_exchange_strong_explicit(&thread->state, &running, THREAD_READY,
                                                 memory_order_acq_rel, memory_order_acquire))
        return;
    lock_acquire(&hart->lock);
    ready_push(hart, thread);
    lock_release(&hart->lock);
}

static void enter(struct hart *hart, struct thread *thread, uint64_t now) {
    load(hart, &thread->process->as->pt);
    fp_switch(hart, thread);
    atomic_store_explicit(&thread->state, THREAD_RUNNING, memory_order_relaxed);
    thread->started = now;
    thread->frame.hart = hart;
    thread->frame.hart_index = hart->index;
    thread->frame.kernel_stack = hart->idle.frame.kernel_stack;
    thread_set_current(thread);
}

bool sched_next(void) {
    struct thread *thread = thread_current();
    struct hart *hart = thread->frame.hart;
    uint64_t now = timer_now();
    leave(hart, thread, now);
    struct thread *next = hart->chosen;
    hart->chosen = NULL;
    if (!next)
        next = ready_pop(hart);
    if (!next) {
        thread_set_current(&hart->idle);
        return false;
    }
    enter(hart, next, now);
    return true;
}
