/* Threads as POSIX wants them: <pthread.h>, and what the rest of the library is to threads. What
 * the kernel does for them is in thread_kernel_suite.c. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define N 8
#define PAGE USER_PAGE_SIZE
#define ROUNDS 60

typedef void *thread_body(void *argument);

static pthread_t thread_start(thread_body *body, long argument) {
    pthread_t thread = NULL;
    CHECK_EQUAL(0, pthread_create(&thread, NULL, body, (void *)argument));
    return thread;
}

/* => what the thread returned */
static long thread_end(pthread_t thread) {
    void *result = (void *)-1;
    CHECK_EQUAL(0, pthread_join(thread, &result));
    return (long)result;
}

/* N threads with the arguments 0, 1, ..., until all have ended. => the sum of their results */
static long threads_run(thread_body *body) {
    pthread_t threads[N];
    long sum = 0;
    for (long i = 0; i < N; i++)
        threads[i] = thread_start(body, i);
    for (long i = 0; i < N; i++)
        sum += thread_end(threads[i]);
    return sum;
}

/* Milliseconds from now. */
static struct timespec later(long milliseconds) {
    struct timespec time;
    CHECK_EQUAL(0, clock_gettime(CLOCK_REALTIME, &time));
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static const struct timespec no_time = {0, 1000000000};

/* ---- Begin and end ---- */

static void *add_one(void *argument) { return (char *)argument + 1; }

static void *exit_inside(void *argument) {
    pthread_exit((char *)argument + 2);
    return NULL;
}

static void results(void) {
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = thread_start(i % 2 ? add_one : exit_inside, i * 10);
    for (long i = 0; i < N; i++)
        CHECK_EQUAL(i * 10 + (i % 2 ? 1 : 2), thread_end(threads[i]));
}

static void *self_of(void *ignored) {
    (void)ignored;
    return pthread_self();
}

static void names(void) {
    pthread_t a = thread_start(self_of, 0), b = thread_start(self_of, 0);
    CHECK(!pthread_equal(a, b) && !pthread_equal(a, pthread_self()));
    CHECK_EQUAL((long)a, thread_end(a));
    CHECK_EQUAL((long)b, thread_end(b));
    CHECK(pthread_equal(pthread_self(), pthread_self()));
}

static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Blocks until the test gives gate_mutex up. */
static void *wait_at_gate(void *result) {
    CHECK_EQUAL(0, pthread_mutex_lock(&gate_mutex));
    CHECK_EQUAL(0, pthread_mutex_unlock(&gate_mutex));
    return result;
}

static void *join_thread(void *thread) { return (void *)(long)pthread_join(thread, NULL); }

/* Joining what was joined or detached is undefined (POSIX, pthread_join): not here to be asked. */
static void join_by_any(void) {
    CHECK_EQUAL(0, pthread_mutex_lock(&gate_mutex));
    pthread_t thread = thread_start(wait_at_gate, 5);
    CHECK_EQUAL(0, pthread_detach(thread));
    CHECK_EQUAL(0, pthread_mutex_unlock(&gate_mutex));
    thread = thread_start(add_one, 5);
    CHECK_EQUAL(6, thread_end(thread));
    thread = thread_start(add_one, 5);
    pthread_t other = thread_start(join_thread, (long)thread);
    CHECK_EQUAL(0, thread_end(other));
}

static atomic_int ended;

static void *end_counted(void *ignored) {
    (void)ignored;
    ended++;
    return NULL;
}

static size_t regions_count(void) {
    struct region_info region = {0};
    size_t n = 0;
    while (sys_region_info((int)sys_getpid(), region.end, &region) == 0)
        n++;
    return n;
}

static void stacks_come_back(void) {
    pthread_attr_t detached;
    CHECK_EQUAL(0, pthread_attr_init(&detached));
    CHECK_EQUAL(0, pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    (void)threads_run(end_counted);
    unsigned long before = regions_sum();
    (void)threads_run(end_counted);
    CHECK_EQUAL(before, regions_sum());
    size_t regions = regions_count();
    ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t thread;
        CHECK_EQUAL(0, pthread_create(&thread, &detached, end_counted, NULL));
        while (ended <= i)
            (void)sched_yield();
    }
    CHECK_EQUAL(0, pthread_attr_destroy(&detached));
    CHECK(regions_count() <= regions + 2 * N); /* those that ended last may not be gone yet */
}

static void *detach_self(void *ignored) {
    (void)ignored;
    CHECK_EQUAL(0, pthread_detach(pthread_self()));
    ended++;
    return NULL;
}

static void detach_while_it_ends(void) {
    ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t thread = thread_start(i % 2 ? end_counted : detach_self, 0);
        if (i % 2)
            CHECK_EQUAL(0, pthread_detach(thread));
    }
    while (ended < ROUNDS)
        (void)sched_yield();
}

/* ---- What each thread has of its own ---- */

static void *set_errno(void *argument) {
    CHECK_EQUAL(0, errno);
    errno = (int)(long)argument;
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL((long)argument, errno);
        (void)sched_yield();
    }
    return NULL;
}

static void errno_is_its_own(void) {
    errno = 77;
    (void)threads_run(set_errno);
    CHECK_EQUAL(77, errno);
}

static _Thread_local long set = 41, zero;
static _Thread_local char aligned[48] __attribute__((aligned(16)));

static void *use_locals(void *argument) {
    CHECK_EQUAL(41, set);
    CHECK_EQUAL(0, zero);
    CHECK_EQUAL(0, (uintptr_t)aligned % 16);
    set = zero = (long)argument;
    memset(aligned, (int)(long)argument, sizeof aligned);
    for (int i = 0; i < ROUNDS; i++)
        (void)sched_yield();
    CHECK_EQUAL((long)argument, set);
    CHECK_EQUAL((long)argument, zero);
    for (size_t i = 0; i < sizeof aligned; i++)
        CHECK_EQUAL((long)argument, aligned[i]);
    return NULL;
}

static void thread_locals(void) {
    (void)threads_run(use_locals);
    CHECK_EQUAL(41, set);
    CHECK_EQUAL(0, zero);
}

static void *use_stack(void *nbytes) {
    volatile char room[(size_t)nbytes];
    for (size_t i = (size_t)nbytes; i-- > 0;)
        room[i] = 1;
    return (void *)(long)room[0];
}

static void overflow_stack(long nbytes) {
    pthread_t thread = thread_start(use_stack, nbytes);
    (void)pthread_join(thread, NULL);
}

static void stack_sizes(void) {
    pthread_attr_t how;
    size_t nbytes;
    pthread_t thread;
    CHECK_EQUAL(0, pthread_attr_init(&how));
    CHECK_EQUAL(0, pthread_attr_getstacksize(&how, &nbytes));
    CHECK_EQUAL(128 << 10, nbytes);
    CHECK_EQUAL(EINVAL, pthread_attr_setstacksize(&how, PTHREAD_STACK_MIN - 1));
    CHECK_EQUAL(EINVAL, pthread_attr_setstacksize(&how, SIZE_MAX));
    CHECK_EQUAL(EINVAL, pthread_attr_setdetachstate(&how, 2));
    CHECK_EQUAL(0, pthread_attr_setstacksize(&how, 4 << 20));
    CHECK_EQUAL(0, pthread_create(&thread, &how, use_stack, (void *)(3L << 20)));
    CHECK_EQUAL(1, thread_end(thread));
    CHECK_EQUAL(0, pthread_attr_setstacksize(&how, USER_END));
    CHECK_EQUAL(EAGAIN, pthread_create(&thread, &how, use_stack, NULL));
    CHECK_EQUAL(SIGNAL_SEGV, child_run(overflow_stack, (128 << 10) + PAGE));
}

static pthread_key_t key;
static atomic_int destroyed;

static void destroy_again(void *value) {
    destroyed++;
    if ((long)value > 1)
        CHECK_EQUAL(0, pthread_setspecific(key, (void *)((long)value - 1)));
}

static void *set_key(void *argument) {
    CHECK(!pthread_getspecific(key));
    CHECK_EQUAL(0, pthread_setspecific(key, argument));
    for (int i = 0; i < ROUNDS; i++)
        (void)sched_yield();
    CHECK_EQUAL((long)argument, (long)pthread_getspecific(key));
    return NULL;
}

static void key_values(void) {
    destroyed = 0;
    CHECK_EQUAL(0, pthread_key_create(&key, destroy_again));
    CHECK_EQUAL(0, pthread_setspecific(key, &key));
    (void)threads_run(set_key);
    CHECK(pthread_getspecific(key) == &key);
    /* A value of 0 is none; 1 to 3 are called so often; more than that, as often as it is tried. */
    CHECK_EQUAL(0 + 1 + 2 + 3 + (N - 4) * PTHREAD_DESTRUCTOR_ITERATIONS, destroyed);
    CHECK_EQUAL(0, pthread_key_delete(key));
    CHECK_EQUAL(0, pthread_key_create(&key, NULL));
    CHECK(!pthread_getspecific(key)); /* though the number may be the deleted one's */
    pthread_key_t more = 0;
    int n = 1;
    while (n <= PTHREAD_KEYS_MAX && pthread_key_create(&more, NULL) == 0)
        n++;
    CHECK_EQUAL(PTHREAD_KEYS_MAX, n);
    CHECK_EQUAL(EAGAIN, pthread_key_create(&more, NULL));
}

/* ---- The process's end ---- */

static long *shared_words;

static void *store_late(void *ignored) {
    (void)ignored;
    for (int i = 0; i < ROUNDS; i++)
        (void)sched_yield();
    shared_words[0] = 1;
    return NULL;
}

static void store_at_exit(void) { shared_words[1] = shared_words[0]; }

static void leave_main(long ignored) {
    (void)ignored;
    CHECK_EQUAL(0, atexit(store_at_exit));
    (void)thread_start(store_late, 0);
    pthread_exit(NULL);
}

static void *join_main(void *thread) {
    shared_words[2] = pthread_join(thread, NULL) == 0;
    return NULL;
}

static void leave_main_joined(long ignored) {
    (void)ignored;
    (void)thread_start(join_main, (long)pthread_self());
    pthread_exit(NULL);
}

static void the_last_one_exits(void) {
    shared_words = (long *)pages_map(1, MAP_SHARE);
    CHECK_EQUAL(0, child_run(leave_main, 0));
    CHECK_EQUAL(1, shared_words[0]);
    CHECK_EQUAL(1, shared_words[1]);
    CHECK_EQUAL(0, child_run(leave_main_joined, 0));
    CHECK_EQUAL(1, shared_words[2]);
}

static void *spin(void *ignored) {
    for (volatile long i = 0;; i++) {}
    return ignored;
}

static void *exit_with(void *status) { exit((int)(long)status); }

static void exit_beside_spinners(long inside) {
    for (int i = 0; i < 3; i++)
        (void)thread_start(spin, 0);
    if (inside) {
        (void)thread_start(exit_with, 8);
        (void)spin(NULL);
    }
    exit(7);
}

static void exit_ends_all(void) {
    CHECK_EQUAL(STATUS_EXITED(7), child_run(exit_beside_spinners, 0));
    CHECK_EQUAL(STATUS_EXITED(8), child_run(exit_beside_spinners, 1));
}

/* ---- Mutexes ---- */

static pthread_mutex_t mutex;
static long counter;

static void mutex_make(int kind) {
    pthread_mutexattr_t how;
    int found = -1;
    CHECK_EQUAL(0, pthread_mutexattr_init(&how));
    CHECK_EQUAL(0, pthread_mutexattr_settype(&how, kind));
    CHECK_EQUAL(0, pthread_mutexattr_gettype(&how, &found));
    CHECK_EQUAL(kind, found);
    CHECK_EQUAL(EINVAL, pthread_mutexattr_settype(&how, 3));
    CHECK_EQUAL(0, pthread_mutex_init(&mutex, &how));
    CHECK_EQUAL(0, pthread_mutexattr_destroy(&how));
}

static void *count_up(void *ignored) {
    for (int i = 0; i < 20 * ROUNDS; i++) {
        CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
        long now = *(volatile long *)&counter;
        if (i % ROUNDS == 0)
            (void)sched_yield(); /* with the lock */
        counter = now + 1;
        CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    }
    return ignored;
}

static void mutex_excludes(void) {
    for (int kind = PTHREAD_MUTEX_NORMAL; kind <= PTHREAD_MUTEX_ERRORCHECK; kind++) {
        mutex_make(kind);
        counter = 0;
        (void)threads_run(count_up);
        CHECK_EQUAL(N * 20 * ROUNDS, counter);
        CHECK_EQUAL(0, pthread_mutex_destroy(&mutex));
    }
}

static void *try_lock(void *ignored) {
    (void)ignored;
    return (void *)(long)pthread_mutex_trylock(&mutex);
}
static void *try_unlock(void *ignored) {
    (void)ignored;
    return (void *)(long)pthread_mutex_unlock(&mutex);
}
static void *try_in_time(void *deadline) {
    return (void *)(long)pthread_mutex_timedlock(&mutex, deadline);
}

static void mutex_kinds(void) {
    mutex_make(PTHREAD_MUTEX_NORMAL);
    CHECK_EQUAL(0, pthread_mutex_trylock(&mutex));
    CHECK_EQUAL(EBUSY, pthread_mutex_trylock(&mutex));
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));

    mutex_make(PTHREAD_MUTEX_RECURSIVE);
    CHECK_EQUAL(EPERM, pthread_mutex_unlock(&mutex));
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(0, i == 1 ? pthread_mutex_trylock(&mutex) : pthread_mutex_lock(&mutex));
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(EBUSY, thread_end(thread_start(try_lock, 0)));
        CHECK_EQUAL(EPERM, thread_end(thread_start(try_unlock, 0)));
        CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    }
    CHECK_EQUAL(EPERM, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(0, thread_end(thread_start(try_lock, 0)));

    mutex_make(PTHREAD_MUTEX_ERRORCHECK);
    CHECK_EQUAL(EPERM, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
    CHECK_EQUAL(EDEADLK, pthread_mutex_lock(&mutex));
    CHECK_EQUAL(EBUSY, pthread_mutex_trylock(&mutex));
    CHECK_EQUAL(EPERM, thread_end(thread_start(try_unlock, 0)));
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
}

static void mutex_in_time(void) {
    mutex_make(PTHREAD_MUTEX_NORMAL);
    CHECK_EQUAL(0, pthread_mutex_timedlock(&mutex, &no_time)); /* it needs not wait */
    CHECK_EQUAL(EINVAL, pthread_mutex_timedlock(&mutex, &no_time));
    struct timespec deadline = later(5);
    CHECK_EQUAL(ETIMEDOUT, thread_end(thread_start(try_in_time, (long)&deadline)));
    struct timespec now = later(0);
    CHECK(now.tv_sec > deadline.tv_sec ||
          (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec));
    CHECK_EQUAL(ETIMEDOUT, pthread_mutex_timedlock(&mutex, &deadline)); /* it is over already */
    deadline = later(1000000);
    pthread_t thread = thread_start(try_in_time, (long)&deadline);
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(0, thread_end(thread));
}

/* ---- Conditions ---- */

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *mine) {
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
        while (turn != (long)mine)
            CHECK_EQUAL(0, pthread_cond_wait(&condition, &mutex));
        turn = (turn + 1) % N;
        CHECK_EQUAL(0, pthread_cond_broadcast(&condition));
        CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    }
    return (void *)1;
}

static void turns(void) {
    for (int kind = PTHREAD_MUTEX_NORMAL; kind <= PTHREAD_MUTEX_ERRORCHECK; kind++) {
        mutex_make(kind);
        CHECK_EQUAL(N, threads_run(take_turns));
        CHECK_EQUAL(0, turn);
    }
}

static int tokens, taken;

/* Takes one token. => how often it was woken for nothing */
static void *take_token(void *ignored) {
    (void)ignored;
    CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
    while (tokens == 0)
        CHECK_EQUAL(0, pthread_cond_wait(&condition, &mutex));
    tokens--;
    taken++;
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    return NULL;
}

static void each_signal_wakes_one(void) {
    pthread_t threads[N];
    mutex_make(PTHREAD_MUTEX_NORMAL);
    for (long i = 0; i < N; i++)
        threads[i] = thread_start(take_token, 0);
    for (int i = 0; i < N; i++) {
        CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
        tokens++;
        CHECK_EQUAL(0, pthread_cond_signal(&condition));
        CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    }
    for (long i = 0; i < N; i++)
        CHECK_EQUAL(0, thread_end(threads[i]));
    CHECK_EQUAL(N, taken);
    CHECK_EQUAL(0, tokens);
}

static void condition_in_time(void) {
    pthread_condattr_t how;
    clockid_t clock = -1;
    CHECK_EQUAL(0, pthread_condattr_init(&how));
    CHECK_EQUAL(EINVAL, pthread_condattr_setclock(&how, CLOCK_PROCESS_CPUTIME_ID));
    CHECK_EQUAL(0, pthread_condattr_setclock(&how, CLOCK_MONOTONIC));
    CHECK_EQUAL(0, pthread_condattr_getclock(&how, &clock));
    CHECK_EQUAL(CLOCK_MONOTONIC, clock);
    CHECK_EQUAL(0, pthread_cond_init(&condition, &how));
    mutex_make(PTHREAD_MUTEX_RECURSIVE);
    struct timespec deadline = later(5);
    CHECK_EQUAL(EPERM, pthread_cond_timedwait(&condition, &mutex, &deadline));
    CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
    CHECK_EQUAL(0, pthread_mutex_lock(&mutex));
    int error = 0;
    while (!error) /* it may wake for nothing */
        error = pthread_cond_timedwait(&condition, &mutex, &deadline);
    CHECK_EQUAL(ETIMEDOUT, error);
    CHECK_EQUAL(EINVAL, pthread_cond_timedwait(&condition, &mutex, &no_time));
    CHECK_EQUAL(EBUSY, thread_end(thread_start(try_lock, 0))); /* it has it again, twice */
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(EBUSY, thread_end(thread_start(try_lock, 0)));
    CHECK_EQUAL(0, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(EPERM, pthread_mutex_unlock(&mutex));
    CHECK_EQUAL(0, pthread_cond_destroy(&condition));
}

/* ---- Locks for readers and writers ---- */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static long pair[2];

static void *read_and_write(void *argument) {
    for (long i = 0; i < ROUNDS; i++) {
        bool writes = (i + (long)argument) % 4 == 0;
        CHECK_EQUAL(0, writes ? pthread_rwlock_wrlock(&rwlock) : pthread_rwlock_rdlock(&rwlock));
        CHECK_EQUAL(*(volatile long *)&pair[0], *(volatile long *)&pair[1]);
        if (writes) {
            *(volatile long *)&pair[0] += 1;
            (void)sched_yield();
            *(volatile long *)&pair[1] += 1;
        }
        CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    }
    return NULL;
}

/* All of them must be inside for any to come out. */
static void *read_together(void *ignored) {
    CHECK_EQUAL(0, pthread_rwlock_rdlock(&rwlock));
    (void)pthread_barrier_wait(&barrier);
    CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    return ignored;
}

static void readers_and_writers(void) {
    CHECK_EQUAL(0, pthread_barrier_init(&barrier, NULL, N));
    (void)threads_run(read_together);
    (void)threads_run(read_and_write);
    CHECK_EQUAL(N * ROUNDS / 4, pair[0]);
    CHECK_EQUAL(0, pthread_rwlock_destroy(&rwlock));
    CHECK_EQUAL(0, pthread_barrier_destroy(&barrier));
}

static void *try_read(void *ignored) {
    int error = pthread_rwlock_tryrdlock(&rwlock);
    (void)ignored;
    if (!error)
        CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    return (void *)(long)error;
}

static void *try_write(void *ignored) {
    int error = pthread_rwlock_trywrlock(&rwlock);
    (void)ignored;
    if (!error)
        CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    return (void *)(long)error;
}

static void *write_in_time(void *deadline) {
    return (void *)(long)pthread_rwlock_timedwrlock(&rwlock, deadline);
}
static void *read_in_time(void *deadline) {
    return (void *)(long)pthread_rwlock_timedrdlock(&rwlock, deadline);
}

static void rwlock_errors(void) {
    struct timespec deadline = later(5);
    CHECK_EQUAL(0, pthread_rwlock_rdlock(&rwlock));
    CHECK_EQUAL(0, pthread_rwlock_rdlock(&rwlock));
    CHECK_EQUAL(0, thread_end(thread_start(try_read, 0)));
    CHECK_EQUAL(EBUSY, thread_end(thread_start(try_write, 0)));
    CHECK_EQUAL(ETIMEDOUT, thread_end(thread_start(write_in_time, (long)&deadline)));
    CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQUAL(0, pthread_rwlock_wrlock(&rwlock));
    CHECK_EQUAL(EBUSY, thread_end(thread_start(try_read, 0)));
    CHECK_EQUAL(ETIMEDOUT, thread_end(thread_start(read_in_time, (long)&deadline)));
    CHECK_EQUAL(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQUAL(0, thread_end(thread_start(try_write, 0)));
}

/* ---- Barriers and once ---- */

static atomic_long passed;

/* => how often it was the one of its round */
static void *meet(void *ignored) {
    long serial = 0;
    (void)ignored;
    for (long round = 1; round <= ROUNDS; round++) {
        passed++;
        int result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        CHECK(passed >= round * N); /* all came before any went on */
        serial += result == PTHREAD_BARRIER_SERIAL_THREAD;
        (void)pthread_barrier_wait(&barrier);
    }
    return (void *)serial;
}

/* Destroyed by the one who may, at once, while the others leave it. */
static void *meet_and_destroy(void *argument) {
    pthread_barrier_t **shared = argument;
    if (pthread_barrier_wait(*shared) != PTHREAD_BARRIER_SERIAL_THREAD)
        return NULL;
    CHECK_EQUAL(0, pthread_barrier_destroy(*shared));
    memset(*shared, 0xa5, sizeof **shared);
    return NULL;
}

static void barriers(void) {
    CHECK_EQUAL(EINVAL, pthread_barrier_init(&barrier, NULL, 0));
    CHECK_EQUAL(0, pthread_barrier_init(&barrier, NULL, 1));
    CHECK_EQUAL(PTHREAD_BARRIER_SERIAL_THREAD, pthread_barrier_wait(&barrier));
    CHECK_EQUAL(0, pthread_barrier_destroy(&barrier));
    CHECK_EQUAL(0, pthread_barrier_init(&barrier, NULL, N));
    CHECK_EQUAL(ROUNDS, threads_run(meet));
    CHECK_EQUAL(0, pthread_barrier_destroy(&barrier));
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_t *two = malloc(sizeof *two);
        CHECK_EQUAL(0, pthread_barrier_init(two, NULL, 2));
        pthread_t thread = thread_start(meet_and_destroy, (long)&two);
        (void)meet_and_destroy(&two);
        (void)thread_end(thread);
        free(two);
    }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void run_once(void) {
    for (int i = 0; i < ROUNDS; i++)
        (void)sched_yield();
    counter++;
}

static void *call_once(void *ignored) {
    (void)ignored;
    CHECK_EQUAL(0, pthread_once(&once, run_once));
    return (void *)*(volatile long *)&counter;
}

static void once_is_once(void) {
    counter = 0;
    CHECK_EQUAL(N, threads_run(call_once)); /* each has seen it done */
}

/* ---- The library with threads ---- */

static void *use_heap(void *seed) {
    char *blocks[32] = {0};
    size_t sizes[32] = {0};
    unsigned long random = (unsigned long)seed * 2654435761 + 1;
    for (int i = 0; i < 10 * ROUNDS; i++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        size_t n = random >> 40 & 31;
        for (size_t j = 0; j < sizes[n]; j++)
            CHECK_EQUAL((long)seed, blocks[n][j]);
        free(blocks[n]);
        sizes[n] = random >> 50 & 511;
        blocks[n] = malloc(sizes[n] + 1);
        CHECK(blocks[n]);
        memset(blocks[n], (int)(long)seed, sizes[n]);
    }
    for (int n = 0; n < 32; n++)
        free(blocks[n]);
    return NULL;
}

static void heap(void) { (void)threads_run(use_heap); }

static FILE *file;

static void *print_lines(void *number) {
    for (int i = 0; i < ROUNDS; i++) {
        flockfile(file);
        fprintf(file, "thread %ld ", (long)number);
        fprintf(file, "line %d\n", i);
        funlockfile(file);
    }
    return NULL;
}

static void *try_file(void *ignored) {
    (void)ignored;
    int busy = ftrylockfile(file);
    if (!busy)
        funlockfile(file);
    return (void *)(long)busy;
}

static void streams(void) {
    int next[N] = {0}, line;
    long thread;
    file = tmpfile();
    CHECK(file);
    (void)threads_run(print_lines);
    rewind(file);
    for (int i = 0; i < N * ROUNDS; i++) {
        CHECK_EQUAL(2, fscanf(file, "thread %ld line %d\n", &thread, &line));
        CHECK(thread >= 0 && thread < N);
        CHECK_EQUAL(next[thread % N]++, line);
    }
    CHECK_EQUAL(EOF, getc(file));
    CHECK_EQUAL(0, ftrylockfile(file));
    CHECK(thread_end(thread_start(try_file, 0)) != 0);
    funlockfile(file);
    CHECK_EQUAL(0, thread_end(thread_start(try_file, 0)));
    CHECK_EQUAL(0, fclose(file));
}

static void processors(void) {
    struct hart_info hart;
    long n = 0;
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        n += hart.started;
    CHECK(n > 0);
    CHECK_EQUAL(n, sysconf(_SC_NPROCESSORS_ONLN));
    CHECK_EQUAL(n, sysconf(_SC_NPROCESSORS_CONF));
    CHECK(sysconf(_SC_THREADS) > 0);
}

/* ---- fork ---- */

static atomic_bool stop;

static void *allocate_until_stop(void *ignored) {
    (void)ignored;
    while (!stop)
        free(malloc(100));
    return NULL;
}

/* In the child of a process with threads: it is alone, and the library is in order. */
static void be_alone(long self) {
    struct process_info info;
    CHECK_EQUAL((int)sys_getpid(), sys_process_info((int)sys_getpid(), &info));
    CHECK_EQUAL(1, info.threads);
    CHECK_EQUAL(self, (long)pthread_self());
    free(malloc(1000));
    CHECK_EQUAL(8, thread_end(thread_start(add_one, 7)));
    CHECK_EQUAL(N, threads_run(call_once));
}

static void *fork_often(void *ignored) {
    (void)ignored;
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            check_failures = 0;
            be_alone((long)pthread_self());
            _exit(check_failures != 0);
        }
        CHECK_EQUAL(0, child_wait(pid));
    }
    return NULL;
}

static void fork_takes_one_thread(void) {
    pthread_t threads[3];
    counter = 1;
    once = 2;
    for (long i = 0; i < 3; i++)
        threads[i] = thread_start(allocate_until_stop, 0);
    (void)fork_often(NULL);
    (void)thread_end(thread_start(fork_often, 0));
    stop = true;
    for (long i = 0; i < 3; i++)
        (void)thread_end(threads[i]);
}

static char order[16];

static void note(char letter) { order[strlen(order)] = letter; }
static void prepare_a(void) { note('a'); }
static void prepare_b(void) { note('b'); }
static void parent_a(void) { note('A'); }
static void parent_b(void) { note('B'); }
static void child_a(void) { note('x'); }
static void child_b(void) { note('y'); }

static void fork_handlers(void) {
    CHECK_EQUAL(0, pthread_atfork(prepare_a, parent_a, child_a));
    CHECK_EQUAL(0, pthread_atfork(NULL, NULL, NULL));
    CHECK_EQUAL(0, pthread_atfork(prepare_b, parent_b, child_b));
    pid_t pid = fork();
    if (pid == 0)
        _exit(strcmp(order, "baxy") != 0);
    CHECK_EQUAL(0, strcmp(order, "baAB"));
    CHECK_EQUAL(0, child_wait(pid));
}

/* ---- Between processes ---- */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    pthread_barrier_t barrier;
    long turn;
} * common;

static void common_turns(long mine) {
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(0, pthread_mutex_lock(&common->mutex));
        while (common->turn % 2 != mine)
            CHECK_EQUAL(0, pthread_cond_wait(&common->condition, &common->mutex));
        common->turn++;
        CHECK_EQUAL(0, pthread_cond_signal(&common->condition));
        CHECK_EQUAL(0, pthread_mutex_unlock(&common->mutex));
        (void)pthread_barrier_wait(&common->barrier);
    }
}

static void shared_between_processes(void) {
    pthread_mutexattr_t how_mutex;
    pthread_condattr_t how_condition;
    pthread_barrierattr_t how_barrier;
    common = (void *)pages_map(1, MAP_SHARE);
    CHECK_EQUAL(0, pthread_mutexattr_init(&how_mutex));
    CHECK_EQUAL(0, pthread_mutexattr_setpshared(&how_mutex, PTHREAD_PROCESS_SHARED));
    CHECK_EQUAL(0, pthread_condattr_init(&how_condition));
    CHECK_EQUAL(0, pthread_condattr_setpshared(&how_condition, PTHREAD_PROCESS_SHARED));
    CHECK_EQUAL(0, pthread_mutex_init(&common->mutex, &how_mutex));
    CHECK_EQUAL(0, pthread_cond_init(&common->condition, &how_condition));
    CHECK_EQUAL(0, pthread_barrierattr_init(&how_barrier));
    CHECK_EQUAL(0, pthread_barrierattr_setpshared(&how_barrier, PTHREAD_PROCESS_SHARED));
    CHECK_EQUAL(0, pthread_barrier_init(&common->barrier, &how_barrier, 2));
    int child = child_start(common_turns, 1);
    common_turns(0);
    CHECK_EQUAL(0, child_wait(child));
    CHECK_EQUAL(2 * ROUNDS, common->turn);
}

/* ---- Many ---- */

#define MANY 1000

static void a_thousand(void) {
    static pthread_t threads[MANY];
    struct process_info info;
    CHECK_EQUAL(0, pthread_mutex_lock(&gate_mutex));
    for (long i = 0; i < MANY; i++)
        threads[i] = thread_start(wait_at_gate, i);
    CHECK_EQUAL((int)sys_getpid(), sys_process_info((int)sys_getpid(), &info));
    CHECK_EQUAL(MANY + 1, info.threads);
    CHECK_EQUAL(0, pthread_mutex_unlock(&gate_mutex));
    for (long i = 0; i < MANY; i++)
        CHECK_EQUAL(i, thread_end(threads[i]));
}

static void until_no_memory(long ignored) {
    pthread_t thread;
    int error = 0;
    char *taken;
    (void)ignored;
    (void)memory_eat(500, &taken);
    CHECK_EQUAL(0, pthread_mutex_lock(&gate_mutex));
    while (!error)
        error = pthread_create(&thread, NULL, wait_at_gate, NULL);
    CHECK_EQUAL(EAGAIN, error);
    exit(check_failures != 0);
}

static void no_memory_for_a_thread(void) {
    int status = child_run(until_no_memory, 0);
    CHECK(status == 0 || status == SIGNAL_KILL); /* a thread's own first store may find none */
}

static const struct test thread_tests[] = {
    {"results", "join tells what a thread returned, or told pthread_exit", results},
    {"names", "a thread has one name, and no other thread has it", names},
    {"join_by_any", "any thread may join any other, and a detached one needs nobody", join_by_any},
    {"stacks_come_back", "a thread that was joined, or detached and ended, leaves no memory",
     stacks_come_back},
    {"detach_while_it_ends", "a thread may be detached at any moment", detach_while_it_ends},
    {"errno_is_its_own", "no thread sees another one's errno", errno_is_its_own},
    {"thread_locals", "each thread has its own thread-local variables, with their first values",
     thread_locals},
    {"stack_sizes", "a stack is as large as was asked, and ends in a guard", stack_sizes},
    {"key_values", "each thread has its own value of a key, and its end destroys it", key_values},
    {"the_last_one_exits", "the process goes on until its last thread ends, then exits",
     the_last_one_exits},
    {"exit_ends_all", "exit ends threads that run, from any thread", exit_ends_all},
    {"mutex_excludes", "one thread at a time has a mutex", mutex_excludes},
    {"mutex_kinds", "who locks and unlocks wrongly is told, as the kind wants it", mutex_kinds},
    {"mutex_in_time", "a lock with a deadline gives up then and not before", mutex_in_time},
    {"turns", "no signal of a condition is missed", turns},
    {"each_signal_wakes_one", "so many signals wake so many waiters", each_signal_wakes_one},
    {"condition_in_time", "a wait with a deadline ends, with the mutex as it was before",
     condition_in_time},
    {"readers_and_writers", "readers are inside together, a writer alone", readers_and_writers},
    {"rwlock_errors", "who cannot have a lock for readers and writers is told why", rwlock_errors},
    {"barriers", "none goes on before all have come, round after round", barriers},
    {"once_is_once", "once is once, and nobody goes on before it is done", once_is_once},
    {"heap", "malloc and free may be called by all threads at once", heap},
    {"streams", "a stream keeps the order of each thread, and lines that are locked whole",
     streams},
    {"processors", "sysconf tells how many harts run", processors},
    {"fork_takes_one_thread", "a child has the thread that forked, and a library in order",
     fork_takes_one_thread},
    {"fork_handlers", "pthread_atfork's handlers run in POSIX's order", fork_handlers},
    {"shared_between_processes", "what is shared between processes works between processes",
     shared_between_processes},
    {"a_thousand", "a thousand threads wait, and each ends", a_thousand},
    {"no_memory_for_a_thread", "a thread that cannot be made is EAGAIN, and others go on",
     no_memory_for_a_thread},
    {0},
};
const struct test *const suites[] = {thread_tests, NULL};
