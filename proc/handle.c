/* Handle tables. */
#include "proc/handle.h"

#include "lib/abi.h"
#include "lib/errno.h"

_Static_assert(HANDLE_CLOEXEC == 1, "the lowest bit");

static uint32_t entry_flags(void *entry) { return (uintptr_t)entry & HANDLE_CLOEXEC; }

static void *entry_make(struct object *object, uint32_t flags) {
    return (void *)((uintptr_t)object | (flags & HANDLE_CLOEXEC));
}

void handle_table_init(struct handle_table *table) {
    lock_init(&table->lock, "handles", LOCK_RANK_HANDLES);
}

struct object *handle_take(struct handle_table *table, long number) {
    lock_acquire(&table->lock);
    struct object *object = handle_object(idmap_remove(&table->map, number));
    if (object)
        table->nhandles--;
    lock_release(&table->lock);
    return object;
}

/* => table locked; otherwise as handle_add */
static long add_locked(struct handle_table *table, struct object *object, long least,
                       uint32_t flags) {
    long number;
    int error = idmap_add(&table->map, least, entry_make(object, flags), &number);
    if (!error && number > HANDLE_NUMBER_MAX) {
        (void)idmap_remove(&table->map, number);
        error = -EMFILE;
    }
    if (!error)
        table->nhandles++;
    return error ? error : number;
}

long handle_add(struct handle_table *table, struct object *object, long least, uint32_t flags) {
    lock_acquire(&table->lock);
    long number = add_locked(table, object, least, flags);
    lock_release(&table->lock);
    return number;
}

/* Both locked at once: were the number free to use on one side before the other is done with it,
 * a thread that closes it there could drop the last reference, or one that is not its own. */
long handle_move(struct handle_table *from, long number, struct handle_table *to) {
    struct handle_table *low = from < to ? from : to, *high = from < to ? to : from;
    lock_acquire(&low->lock);
    if (low != high)
        lock_acquire(&high->lock);
    struct object *object = handle_object(idmap_find(&from->map, number));
    long added = object ? add_locked(to, object, 0, 0) : -EBADF;
    if (added >= 0) {
        (void)idmap_remove(&from->map, number);
        from->nhandles--;
    }
    if (low != high)
        lock_release(&high->lock);
    lock_release(&low->lock);
    return added;
}

int handle_set(struct handle_table *table, long number, struct object *object, uint32_t flags,
               struct object **replaced) {
    if (number < 0 || number > HANDLE_NUMBER_MAX)
        return -EMFILE;
    lock_acquire(&table->lock);
    *replaced = handle_object(idmap_find(&table->map, number));
    int error = idmap_set(&table->map, number, entry_make(object, flags));
    if (!error && !*replaced)
        table->nhandles++;
    lock_release(&table->lock);
    return error;
}

long handle_flags(struct handle_table *table, long number, long flags) {
    lock_acquire(&table->lock);
    void *entry = idmap_find(&table->map, number);
    long before = entry ? (long)entry_flags(entry) : -EBADF;
    /* The number is there already, so setting it again needs no memory. */
    if (entry && flags >= 0) {
        int error =
            idmap_set(&table->map, number, entry_make(handle_object(entry), (uint32_t)flags));
        assert(error == 0);
    }
    lock_release(&table->lock);
    return before;
}

static void entry_get(void *entry) { object_get(handle_object(entry)); }

static void entry_put(void *entry) { object_put(handle_object(entry)); }

int handle_copy_all(struct handle_table *from, struct handle_table *to) {
    lock_acquire(&from->lock);
    int error = idmap_copy(&from->map, &to->map, entry_get);
    to->nhandles = from->nhandles;
    lock_release(&from->lock);
    return error;
}

void handle_close_all(struct handle_table *table) {
    /* Out of the table first: closing takes other locks, so this one is let go of before. */
    lock_acquire(&table->lock);
    struct idmap all = table->map;
    table->map = (struct idmap){0};
    table->nhandles = 0;
    lock_release(&table->lock);
    idmap_clear(&all, entry_put);
}

void handle_close_on_exec(struct handle_table *table) {
    for (long number = 0;; number++) {
        lock_acquire(&table->lock);
        void *entry = idmap_next(&table->map, &number);
        bool closes = entry && (entry_flags(entry) & HANDLE_CLOEXEC);
        if (closes) {
            (void)idmap_remove(&table->map, number);
            table->nhandles--;
        }
        lock_release(&table->lock);
        if (!entry)
            return;
        if (closes)
            object_put(handle_object(entry));
    }
}
