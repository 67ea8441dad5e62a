/* Keys: values that each thread has its own of.
 *
 * A thread's value counts only for the key that it was set for: the number of a deleted key is
 * given out again, and no other thread's values are touched for that. So each use of a number has
 * a serial number of its own. */
#include <errno.h>
#include <stdbool.h>

#include "user/libc/lock.h"
#include "user/libc/thread.h"

static struct key {
    uint32_t serial; /* odd: it is there */
    void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];

static uint32_t lock; /* guards keys; their owners know that theirs do not change meanwhile */

static _Thread_local struct value {
    uint32_t serial;
    void *value;
} values[PTHREAD_KEYS_MAX];

static bool key_exists(pthread_key_t key) {
    return key < PTHREAD_KEYS_MAX && __atomic_load_n(&keys[key].serial, __ATOMIC_RELAXED) % 2;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    pthread_key_t number = 0;
    lock_take(&lock);
    while (number < PTHREAD_KEYS_MAX && key_exists(number))
        number++;
    bool found = number < PTHREAD_KEYS_MAX;
    if (found) {
        keys[number].destructor = destructor;
        __atomic_fetch_add(&keys[number].serial, 1, __ATOMIC_RELEASE);
        *key = number;
    }
    lock_give(&lock);
    return found ? 0 : EAGAIN;
}

int pthread_key_delete(pthread_key_t key) {
    lock_take(&lock);
    bool found = key_exists(key);
    if (found)
        __atomic_fetch_add(&keys[key].serial, 1, __ATOMIC_RELEASE);
    lock_give(&lock);
    return found ? 0 : EINVAL;
}

int pthread_setspecific(pthread_key_t key, const void *value) {
    if (!key_exists(key))
        return EINVAL;
    values[key] = (struct value){keys[key].serial, (void *)value};
    return 0;
}

void *pthread_getspecific(pthread_key_t key) {
    bool ours = key_exists(key) && values[key].serial == keys[key].serial;
    return ours ? values[key].value : NULL;
}

/* Call the destructor of this value, if there are both. */
static bool value_end(pthread_key_t key) {
    lock_take(&lock);
    void *value = pthread_getspecific(key);
    void (*destructor)(void *) = keys[key].destructor;
    lock_give(&lock);
    values[key].value = NULL;
    if (!value || !destructor)
        return false;
    destructor(value);
    return true;
}

void keys_after_fork(void) { lock = 0; }

/* A destructor may set values again. */
void keys_end(void) {
    bool again = true;
    for (int i = 0; again && i < PTHREAD_DESTRUCTOR_ITERATIONS; i++) {
        again = false;
        for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++)
            again |= value_end(key);
    }
}
