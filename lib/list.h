/* The kernel's one list type: a ring of links that are members of the listed structures.
 *
 * An empty list is a head that points at itself; a link that is on no list points at itself,
 * so removing it once more is harmless. Adding allocates nothing and cannot fail. */
#pragma once

#include "lib/types.h"

struct list {
    struct list *next;
    struct list *prev;
};

static inline void list_init(struct list *link) { link->next = link->prev = link; }

static inline bool list_empty(const struct list *head) { return head->next == head; }

static inline void list_insert_before(struct list *position, struct list *link) {
    link->next = position;
    link->prev = position->prev;
    position->prev->next = link;
    position->prev = link;
}

static inline void list_push_back(struct list *head, struct list *link) {
    list_insert_before(head, link);
}

static inline void list_push_front(struct list *head, struct list *link) {
    list_insert_before(head->next, link);
}

static inline void list_remove(struct list *link) {
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

/* The first entry, which stays on the list; NULL when the list is empty. */
#define list_first(head, type, member)                                                             \
    (list_empty(head) ? NULL : container_of((head)->next, type, member))

#define list_entry(link, type, member) container_of(link, type, member)

/* Visits each entry in order. The body may not remove the entry it stands on. */
#define list_for_each(entry, head, member)                                                         \
    for (entry = container_of((head)->next, __typeof__(*entry), member); &entry->member != (head); \
         entry = container_of(entry->member.next, __typeof__(*entry), member))
