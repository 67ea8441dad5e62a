/* The atomic operations, each a point where another hart may go on: before it looks, and after it
 * stores; of a store in one order with all others, before it too. Relaxed ones are none: nobody
 * decides anything by them. Nor is the exchange: it takes a lock, and lib/lock.h has a point of its
 * own there, with the lock's name. And no bool is one: a hart that has come up stays. */
#pragma once

#include_next <stdatomic.h>

#include "lib/types.h"
#include "machine_inline.h"

#define yield_if_ordered(order, place, where)                                                      \
    do {                                                                                           \
        if ((order) != memory_order_relaxed && sizeof *(place) > 1)                                \
            yield_point(where);                                                                    \
    } while (0)

#define atomic_looking(operation, place, order)                                                    \
    ({                                                                                             \
        yield_if_ordered(order, place, #place);                                                    \
        operation;                                                                                 \
    })

#undef atomic_load_explicit
#define atomic_load_explicit(place, order)                                                         \
    atomic_looking(__atomic_load_n(place, order), place, order)

#undef atomic_store_explicit
#define atomic_store_explicit(place, value, order)                                                 \
    do {                                                                                           \
        if ((order) == memory_order_seq_cst)                                                       \
            yield_if_ordered(order, place, #place);                                                \
        __atomic_store_n(place, value, order);                                                     \
        yield_if_ordered(order, place, #place " stored");                                          \
    } while (0)

#undef atomic_compare_exchange_strong_explicit
#define atomic_compare_exchange_strong_explicit(place, expected, value, order, otherwise)          \
    atomic_looking(__atomic_compare_exchange_n(place, expected, value, 0, order, otherwise),       \
                   place, order)

#undef atomic_fetch_add_explicit
#define atomic_fetch_add_explicit(place, value, order)                                             \
    atomic_looking(__atomic_fetch_add(place, value, order), place, order)

#undef atomic_fetch_sub_explicit
#define atomic_fetch_sub_explicit(place, value, order)                                             \
    atomic_looking(__atomic_fetch_sub(place, value, order), place, order)

#undef atomic_fetch_and_explicit
#define atomic_fetch_and_explicit(place, value, order)                                             \
    atomic_looking(__atomic_fetch_and(place, value, order), place, order)

#undef atomic_fetch_or_explicit
#define atomic_fetch_or_explicit(place, value, order)                                              \
    atomic_looking(__atomic_fetch_or(place, value, order), place, order)
