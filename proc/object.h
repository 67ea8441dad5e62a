/* Kernel objects that handles name: what they have in common.
 *
 * The one idea: a handle is the only authority, and an object is open as long as somebody has a
 * reference to it. The last reference closes it; what closing means is its type's business. */
#pragma once

#include <stdatomic.h>

#include "lib/assert.h"
#include "lib/types.h"

struct object;

struct object_type {
    const char *name;
    void (*close)(struct object *object); /* the last reference is gone; no lock is held */
};

struct object {
    const struct object_type *type;
    _Atomic uint64_t references;
};

/* => the caller has the first reference */
static inline void object_init(struct object *object, const struct object_type *type) {
    object->type = type;
    atomic_store_explicit(&object->references, 1, memory_order_relaxed);
}

/* One more reference. => the caller has one already */
static inline void object_get(struct object *object) {
    /* Relaxed: the caller's own reference keeps the object, nothing is published here. */
    uint64_t before = atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
    assert(before > 0);
}

/* Give up a reference. => true: it was the last, and the caller must see to the closing */
static inline bool object_release(struct object *object) {
    uint64_t before = atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel);
    assert(before > 0);
    return before == 1;
}

/* Give up a reference; the last one closes the object. => no lock held */
static inline void object_put(struct object *object) {
    if (object_release(object))
        object->type->close(object);
}
