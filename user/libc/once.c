/* pthread_once: the first runs, the others wait. */
#include "user/libc/lock.h"
#include "user/libc/thread.h"

#define NOT_YET 0
#define NOW 1
#define DONE 2

int pthread_once(pthread_once_t *once, void (*run)(void)) {
    uint32_t seen = NOT_YET;
    if (__atomic_compare_exchange_n(once, &seen, NOW, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        run();
        __atomic_store_n(once, DONE, __ATOMIC_RELEASE);
        word_wake(once, SIZE_MAX);
    }
    while (__atomic_load_n(once, __ATOMIC_ACQUIRE) != DONE)
        (void)word_wait(once, NOW, NULL);
    return 0;
}
