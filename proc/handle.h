/* Handle tables: a process's numbers for the objects that it may reach. */
#pragma once

#include "lib/lock.h"
#include "proc/idmap.h"
#include "proc/object.h"

#define HANDLE_NUMBER_MAX 65535

struct process;

struct handle_table {
    struct lock lock;
    struct idmap map; /* number -> object, with HANDLE_CLOEXEC in the lowest bit */
    size_t nhandles;
};

void handle_table_init(struct handle_table *table);

/* The object with this number and type (NULL: any type), with a reference for the caller.
 * => any number at all => NULL: there is none */
static inline struct object *handle_get(struct handle_table *table, long number,
                                        const struct object_type *type);

/* Take the handle out of the table; its reference becomes the caller's. => NULL: there is none */
struct object *handle_take(struct handle_table *table, long number);

/* Give the object the lowest free number from `least` on. The table takes over the caller's
 * reference, on success only. => flags: HANDLE_CLOEXEC or 0
 * => the number; -EMFILE; -ENOMEM */
must_check long handle_add(struct handle_table *table, struct object *object, long least,
                           uint32_t flags);

/* Give it exactly this number. => as handle_add; *replaced is what the number named before, with
 * its reference, or NULL => 0; -EMFILE: no such number can be; -ENOMEM */
must_check int handle_set(struct handle_table *table, long number, struct object *object,
                          uint32_t flags, struct object **replaced);

/* Move the handle `number` of `from` to the lowest free number of `to`, which may be the same
 * table, with the reference that it has. At no time do both have it, or neither.
 * => its number there; -EBADF; -EMFILE; -ENOMEM. Nothing changed on failure */
must_check long handle_move(struct handle_table *from, long number, struct handle_table *to);

/* New flags; -1: leave them. => the flags before, or -EBADF */
long handle_flags(struct handle_table *table, long number, long flags);

/* Repeat all of `from` in `to`, numbers and flags. => to empty; 0 or -ENOMEM, then `to` is partly
 * filled and is correct to close */
must_check int handle_copy_all(struct handle_table *from, struct handle_table *to);

/* Close every handle; those with HANDLE_CLOEXEC. => no lock held */
void handle_close_all(struct handle_table *table);
void handle_close_on_exec(struct handle_table *table);

/* ---- In line: each message begins with a look-up ---- */

/* Objects are aligned, so the lowest bit of a pointer holds HANDLE_CLOEXEC. */
static inline struct object *handle_object(void *entry) {
    return (struct object *)((uintptr_t)entry & ~(uintptr_t)1);
}

static inline struct object *handle_get(struct handle_table *table, long number,
                                        const struct object_type *type) {
    lock_acquire(&table->lock);
    struct object *object = handle_object(idmap_find(&table->map, number));
    if (object && type && object->type != type)
        object = NULL;
    if (object)
        object_get(object);
    lock_release(&table->lock);
    return object;
}
