/* pthread_atfork: what is to be done round a fork. */
#include <errno.h>
#include <stdlib.h>

#include "user/libc/lock.h"
#include "user/libc/thread.h"

struct handlers {
    void (*prepare)(void), (*parent)(void), (*child)(void);
    struct handlers *before, *after; /* registered before and after this one */
};

static uint32_t lock; /* guards adding to the list, which only grows */
static struct handlers *oldest, *newest;

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
    struct handlers *handlers = malloc(sizeof *handlers);
    if (!handlers)
        return ENOMEM;
    lock_take(&lock);
    *handlers = (struct handlers){prepare, parent, child, newest, NULL};
    if (newest)
        newest->after = handlers;
    else
        oldest = handlers;
    newest = handlers;
    lock_give(&lock);
    return 0;
}

void fork_prepare(void) {
    for (const struct handlers *h = newest; h; h = h->before)
        if (h->prepare)
            h->prepare();
}

void fork_parent(void) {
    for (const struct handlers *h = oldest; h; h = h->after)
        if (h->parent)
            h->parent();
}

void fork_child(void) {
    lock = 0;
    for (const struct handlers *h = oldest; h; h = h->after)
        if (h->child)
            h->child();
}
