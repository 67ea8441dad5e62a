/* Floating-point registers, lazily.
 *
 * The one idea: the registers belong to the last thread that used them on a hart (its owner). For
 * any other thread the unit is off, so its first use traps, and only then is anything loaded. */
#include "proc/fp.h"

#include "lib/assert.h"

static bool unit_exists;

void fp_init(bool exists) { unit_exists = exists; }

void fp_switch_unit(struct hart *hart, struct thread *next) {
    uint64_t unit = fp_unit();
    /* Only the owner can have changed them: for all others the unit is off. */
    if (unit == SSTATUS_FS)
        fp_save(&hart->fp_owner->fp);
    uint64_t wanted =
        next && hart->fp_owner == next && next->fp_hart == hart ? SSTATUS_FS_CLEAN : 0;
    if (unit != wanted)
        fp_set_unit(wanted);
}

bool fp_use(void) {
    struct thread *thread = thread_current();
    if (!unit_exists || fp_unit() != 0)
        return false;
    fp_set_unit(SSTATUS_FS_CLEAN);
    fp_load(&thread->fp);
    fp_set_unit(SSTATUS_FS_CLEAN); /* loading made them dirty */
    thread->fp_hart = thread->context.hart;
    thread->fp_hart->fp_owner = thread;
    return true;
}

void fp_fork(struct thread *child) {
    struct thread *parent = thread_current();
    if (!parent->fp_hart)
        return;
    if (fp_unit() == SSTATUS_FS)
        fp_save(&parent->fp);
    child->fp = parent->fp;
}

void fp_forget(struct thread *thread) {
    bool current = thread == thread_current();
    assert(current || atomic_load_explicit(&thread->on_hart, memory_order_relaxed) == 0);
    thread->fp = (struct fp_state){0};
    thread->fp_hart = NULL;
    if (current)
        fp_set_unit(0);
}
