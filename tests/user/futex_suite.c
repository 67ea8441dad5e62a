/* What the kernel does for threads: futexes, memory that several of them use at once, and the end
 * of a process in which others are anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define N 3 /* threads beside the first: on four harts all run at once */
#define PAGES 8
#define PAGE USER_PAGE_SIZE
#define ROUNDS 8
#define MILLISECOND 1000000
#define FAR_AWAY 0x2000000000 /* where the kernel maps nothing by itself */

typedef void *thread_body(void *argument);

static pthread_t thread_start(thread_body *body, long argument) {
    pthread_t thread = NULL;
    CHECK_EQUAL(0, pthread_create(&thread, NULL, body, (void *)argument));
    return thread;
}

static long thread_end(pthread_t thread) {
    void *result = (void *)-1;
    CHECK_EQUAL(0, pthread_join(thread, &result));
    return (long)result;
}

static void threads_start(pthread_t threads[N], thread_body *body) {
    for (long i = 0; i < N; i++)
        threads[i] = thread_start(body, i);
}

static void threads_end(pthread_t threads[N]) {
    for (long i = 0; i < N; i++)
        (void)thread_end(threads[i]);
}

static uint32_t *plain(_Atomic uint32_t *word) { return (uint32_t *)word; }

/* Let others run until this word has come so far. */
static void await(_Atomic uint32_t *word, uint32_t value) {
    while (*word < value)
        (void)sys_yield();
}

/* ---- Futexes ---- */

static _Atomic uint32_t word;
static _Atomic uint32_t ready, order[N];

static void futex_arguments(void) {
    const struct {
        uintptr_t address;
        long error;
    } bad[] = {
        {(uintptr_t)&word + 1, -EINVAL},
        {(uintptr_t)&word + 2, -EINVAL},
        {0, -EFAULT},
        {USER_STACK_TOP, -EFAULT},
        {USER_END, -EFAULT},
        {USER_END - 4, -EFAULT},
        {UINT64_MAX - 3, -EFAULT},
        {UINT64_MAX, -EINVAL},
        {1UL << 63, -EFAULT},
        {0xffffffc080200000, -EFAULT},
    };
    for (size_t i = 0; i < array_length(bad); i++) {
        const uint32_t *address = (const uint32_t *)bad[i].address;
        CHECK_EQUAL(bad[i].error, sys_futex_wait(address, 0, SYS_FOREVER));
        CHECK_EQUAL(bad[i].error, sys_futex_wake(address, 1));
    }
    char *closed = pages_map(1, 0);
    CHECK_EQUAL(0, sys_protect((uintptr_t)closed, PAGE, 0));
    CHECK_EQUAL(-EACCES, sys_futex_wait((uint32_t *)closed, 0, SYS_FOREVER));
    CHECK_EQUAL(-EAGAIN, sys_futex_wait(plain(&word), 1, SYS_FOREVER));
    CHECK_EQUAL(-ETIMEDOUT, sys_futex_wait(plain(&word), 0, 0));
    long before = sys_clock();
    CHECK_EQUAL(-ETIMEDOUT, sys_futex_wait(plain(&word), 0, 2 * MILLISECOND));
    CHECK(sys_clock() - before >= 2 * MILLISECOND);
    CHECK_EQUAL(0, sys_futex_wake(plain(&word), 1)); /* there is nobody any more */
}

/* => 1 when it was woken */
static void *wait_for_word(void *number) {
    ready++;
    long result = sys_futex_wait(plain(&word), 0, SYS_FOREVER);
    order[(long)number] = ++ready;
    return (void *)(long)(result == 0);
}

/* All but the first thread wait, as far as can be told. */
static void threads_settle(void) {
    struct process_info info = {.state = PROCESS_RUNNING};
    for (int i = 0; i < 20; i++)
        (void)sys_sleep(MILLISECOND / 10);
    CHECK_EQUAL((int)sys_getpid(), sys_process_info((int)sys_getpid(), &info));
}

static void futex_wakes(void) {
    pthread_t threads[N];
    for (long i = 0; i < N; i++) {
        threads[i] = thread_start(wait_for_word, i);
        await(&ready, (uint32_t)i + 1);
        threads_settle();
    }
    CHECK_EQUAL(0, sys_futex_wake(plain(&word), 0));
    CHECK_EQUAL(0, sys_futex_wake(plain(&word) + 1, N));
    for (long i = 0; i < N - 1; i++) {
        long woken = 0;
        while (!woken) /* it may not have come to wait yet */
            woken = sys_futex_wake(plain(&word), 1);
        CHECK_EQUAL(1, woken);
        await(&ready, (uint32_t)(N + i + 1));
    }
    CHECK(order[0] != 0 && order[N - 2] != 0 && order[N - 1] == 0); /* the first came first */
    while (sys_futex_wake(plain(&word), SIZE_MAX) == 0 && order[N - 1] == 0)
        (void)sys_yield();
    for (long i = 0; i < N; i++)
        CHECK_EQUAL(1, thread_end(threads[i]));
}

/* ---- What names a word ---- */

static _Atomic uint32_t *shared_word;

static void wait_shared(long ignored) {
    (void)ignored;
    CHECK_EQUAL(0, sys_futex_wait(plain(shared_word), 0, SYS_FOREVER));
}

static void wait_private(long ignored) {
    (void)ignored;
    CHECK_EQUAL(-ETIMEDOUT, sys_futex_wait(plain(&word), 0, 20 * MILLISECOND));
}

static void words_of_processes(void) {
    shared_word = (_Atomic uint32_t *)pages_map(1, MAP_SHARE);
    int child = child_start(wait_shared, 0);
    process_wait_blocked(child);
    CHECK_EQUAL(1, sys_futex_wake(plain(shared_word), SIZE_MAX));
    CHECK_EQUAL(0, child_wait(child));
    child = child_start(wait_private, 0); /* the same address, and still the same page */
    process_wait_blocked(child);
    CHECK_EQUAL(0, sys_futex_wake(plain(&word), SIZE_MAX));
    CHECK_EQUAL(0, child_wait(child));
}

static void *wait_for_shared_word(void *ignored) {
    ready++;
    (void)sys_futex_wait(plain(shared_word), 0, SYS_FOREVER);
    return ignored;
}

#define MANY_PAGES 2048 /* so many that the frame that was freed is among them */

/* The next shared memory has the frame of the last one, and its address. */
static void wait_where_nothing_is(long ignored) {
    (void)ignored;
    shared_word = (_Atomic uint32_t *)pages_map(1, MAP_SHARE);
    ready = 0;
    (void)thread_start(wait_for_shared_word, 0);
    await(&ready, 1);
    threads_settle();
    pages_unmap(shared_word, 1);
    const char *pages = pages_map(MANY_PAGES, MAP_SHARE);
    for (size_t i = 0; i < MANY_PAGES; i++)
        CHECK_EQUAL(0, sys_futex_wake((const uint32_t *)(pages + i * PAGE), SIZE_MAX));
    exit(check_failures != 0);
}

static void waiter_outlives_its_memory(void) {
    CHECK_EQUAL(0, child_run(wait_where_nothing_is, 0));
}

static struct gate gate;

static void wait_at_gate(long ignored) {
    (void)ignored;
    gate_wait(&gate);
}

/* The page of the word becomes another frame while a thread waits. */
static void word_whose_page_is_copied(void) {
    pthread_t thread = thread_start(wait_for_word, 0);
    await(&ready, 1);
    threads_settle();
    gate_make(&gate);
    int child = child_start(wait_at_gate, 0);
    atomic_store(&word, 0); /* into a copy: the child has the frame that the word was in */
    while (sys_futex_wake(plain(&word), 1) == 0)
        (void)sys_yield();
    CHECK_EQUAL(1, thread_end(thread));
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(child));
}

/* ---- Bad threads ---- */

static void raw_entry(void *bad) {
    (void)bad;
    sys_thread_exit((uint32_t *)bad);
}

static void *raw_stack(void) { return pages_map(4, 0) + 4 * PAGE; }

static void use_stack(void *ignored) { (void)*(void *volatile *)&ignored; }

static void stack_is_nowhere(long address) {
    CHECK(sys_thread_create(use_stack, (void *)address, NULL, NULL) > 0);
    (void)sys_sleep(UINT64_MAX);
}

static void entry_is_nowhere(long address) {
    CHECK(sys_thread_create((void (*)(void *))address, raw_stack(), NULL, NULL) > 0);
    (void)sys_sleep(UINT64_MAX);
}

static void bad_threads(void) {
    const long nowhere[] = {0, 8, USER_STACK_TOP - USER_STACK_MAX, USER_END, -16, 1L << 62};
    for (size_t i = 0; i < array_length(nowhere); i++) {
        CHECK_EQUAL(SIGNAL_SEGV, child_run(stack_is_nowhere, nowhere[i]));
        if (nowhere[i] != USER_STACK_TOP - USER_STACK_MAX)
            CHECK_EQUAL(SIGNAL_SEGV, child_run(entry_is_nowhere, nowhere[i]));
    }
    CHECK_EQUAL(SIGNAL_SEGV, child_run(entry_is_nowhere, (long)&word)); /* data */
}

/* A word that is none is nobody's, but the thread ends. */
static void exit_words(void) {
    const long bad[] = {0, 8, (long)raw_entry, USER_END, -4};
    struct process_info info;
    for (size_t i = 0; i < array_length(bad); i++)
        CHECK(sys_thread_create(raw_entry, raw_stack(), (void *)bad[i], NULL) > 0);
    do {
        (void)sys_yield();
        CHECK_EQUAL((int)sys_getpid(), sys_process_info((int)sys_getpid(), &info));
    } while (info.threads > 1);
    word = 1;
    CHECK(sys_thread_create(raw_entry, raw_stack(), &word, NULL) > 0);
    while (word == 1)
        (void)sys_futex_wait(plain(&word), 1, SYS_FOREVER);
    CHECK_EQUAL(0, word);
}

static _Atomic long ids_told[2];

static void tell_ids(void *place, long id) {
    ids_told[0] = id;
    ids_told[1] = sys_thread_id();
    sys_thread_exit(place);
}

/* The first thread of a process has an id too, and a thread knows its own before it runs. */
static void thread_ids(void) {
    word = 1;
    long id = sys_thread_create((void (*)(void *))(void *)tell_ids, raw_stack(), &word, NULL);
    CHECK(id > 0);
    while (word == 1)
        (void)sys_futex_wait(plain(&word), 1, SYS_FOREVER);
    CHECK_EQUAL(id, ids_told[0]);
    CHECK_EQUAL(id, ids_told[1]);
    CHECK(sys_thread_id() > 0 && sys_thread_id() != id);
}

/* ---- Memory that several threads use ----
 *
 * A stale translation is seen for certain only like this: the thread has used the page and stays on
 * its hart, spinning on `phase`, while the first thread changes the mapping; then it uses the page
 * once more. */

static char *pages;
static _Atomic uint32_t phase, looking, done;

static void phase_wait(uint32_t wanted) {
    while (phase != wanted) {}
}

/* Stores to all pages, says so, and once more in phase 1. */
static void *store_twice(void *number) {
    long value = (long)number + 1;
    for (size_t i = 0; i < PAGES; i++)
        ((_Atomic long *)(pages + i * PAGE))[value] = value;
    looking++;
    phase_wait(1);
    for (size_t i = 0; i < PAGES; i++)
        ((_Atomic long *)(pages + i * PAGE))[value] = -value;
    done++;
    return NULL;
}

static bool all_hold(long sign) {
    for (size_t i = 0; i < PAGES; i++)
        for (long value = 1; value <= N; value++)
            if (((volatile long *)(pages + i * PAGE))[value] != sign * value)
                return false;
    return true;
}

static void child_sees_first_stores(long ignored) {
    (void)ignored;
    CHECK(all_hold(1));
    gate_wait(&gate);
    CHECK(all_hold(1));
}

static void fork_under_writers(void) {
    pages = pages_map(PAGES, 0);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[N];
        phase = looking = 0;
        threads_start(threads, store_twice);
        await(&looking, N);
        gate_make(&gate);
        int child = child_start(child_sees_first_stores, 0);
        phase = 1;
        threads_end(threads);
        gate_open(&gate);
        CHECK_EQUAL(0, child_wait(child));
        CHECK(all_hold(-1));
    }
}

enum change { TAKE_RIGHT, TAKE_ALL_RIGHTS, UNMAP };

static void *store_to_changed(void *ignored) {
    volatile long *place = (volatile long *)pages;
    *place = 1;
    looking++;
    phase_wait(1);
    *place = 2;
    done++;
    return ignored;
}

static void *stay_in_way(void *ignored) {
    looking++;
    phase_wait(2);
    return ignored;
}

/* The store after the change must fault, and leave no trace in the page, which the parent sees. */
static void change_under_writer(long change) {
    (void)thread_start(store_to_changed, 0);
    for (int i = 1; i < N; i++)
        (void)thread_start(stay_in_way, 0);
    await(&looking, N);
    long error = change == UNMAP
                     ? sys_unmap((uintptr_t)pages, PAGE)
                     : sys_protect((uintptr_t)pages, PAGE, change == TAKE_RIGHT ? MAP_READ : 0);
    CHECK_EQUAL(0, error);
    phase = 1;
    await(&done, 1);
    CHECK(false); /* the store should have ended us */
}

static void changes_under_writers(void) {
    pages = pages_map(1, MAP_SHARE);
    for (int round = 0; round < ROUNDS; round++) {
        *(volatile long *)pages = 0;
        CHECK_EQUAL(SIGNAL_SEGV, child_run(change_under_writer, round % 3));
        CHECK_EQUAL(1, *(volatile long *)pages);
    }
}

static void *read_copied(void *ignored) {
    (void)ignored;
    long sum = 0;
    for (size_t i = 0; i < PAGES; i++)
        sum += *(volatile long *)(pages + i * PAGE);
    looking++;
    phase_wait(1);
    for (size_t i = 0; i < PAGES; i++)
        CHECK_EQUAL(100 + (long)i, *(volatile int *)(pages + i * PAGE));
    return (void *)sum;
}

static void readers_see_the_copy(void) {
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[N];
        pages = pages_map(PAGES, 0);
        if (round % 2) /* otherwise they read the zero page */
            pages_fill(pages, PAGES, 0);
        gate_make(&gate);
        int child = child_start(wait_at_gate, 0);
        phase = looking = 0;
        threads_start(threads, read_copied);
        await(&looking, N);
        pages_fill(pages, PAGES, 100);
        phase = 1;
        threads_end(threads);
        gate_open(&gate);
        CHECK_EQUAL(0, child_wait(child));
        pages_unmap(pages, PAGES);
    }
}

/* Each adds to its own word of each page, so that a page that one of them loses shows. */
static void *fault_together(void *number) {
    long value = (long)number + 1;
    looking++;
    phase_wait(1);
    for (size_t i = 0; i < PAGES; i++)
        ((_Atomic long *)(pages + i * PAGE))[value] += value;
    return NULL;
}

static void faults_on_one_page(void) {
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[N];
        int child = -1;
        pages = pages_map(PAGES, round % 3 == 2 ? MAP_SHARE : 0);
        if (round % 3 == 1) {
            pages_fill(pages, PAGES, 0);
            gate_make(&gate);
            child = child_start(wait_at_gate, 0);
        }
        phase = looking = 0;
        threads_start(threads, fault_together);
        await(&looking, N);
        phase = 1;
        threads_end(threads);
        CHECK(all_hold(1));
        if (child >= 0) {
            gate_open(&gate);
            CHECK_EQUAL(0, child_wait(child));
        }
        pages_unmap(pages, PAGES);
    }
}

/* Two words of each page rise in turn: who sees a page at one moment sees them at most 1 apart. */
static void *count_in_pairs(void *number) {
    (void)number;
    for (long n = 1; phase == 0; n++)
        for (size_t i = 0; i < PAGES; i++) {
            _Atomic long *pair = (_Atomic long *)(pages + i * PAGE) + 8 * (long)number;
            pair[0] = n;
            pair[1] = n;
            if (n == 1)
                looking += i == 0;
        }
    return NULL;
}

static void child_sees_whole_pages(long ignored) {
    long seen[PAGES][N];
    (void)ignored;
    for (int look = 0; look < 3; look++, (void)sys_yield())
        for (size_t i = 0; i < PAGES; i++)
            for (long number = 0; number < N; number++) {
                volatile long *pair = (volatile long *)(pages + i * PAGE) + 8 * number;
                long second = pair[1], first = pair[0];
                CHECK(first == second || first == second + 1);
                if (look > 0)
                    CHECK_EQUAL(seen[i][number], first);
                seen[i][number] = first;
            }
}

static void fork_tears_nothing(void) {
    pthread_t threads[N];
    pages = pages_map(PAGES, 0);
    phase = looking = 0;
    threads_start(threads, count_in_pairs);
    await(&looking, N);
    for (int round = 0; round < ROUNDS; round++)
        CHECK_EQUAL(0, child_run(child_sees_whole_pages, 0));
    phase = 1;
    threads_end(threads);
}

/* Each thread has pages of its own, and all change the one list of regions. */
static void *map_and_unmap(void *number) {
    for (int i = 0; i < ROUNDS; i++) {
        char *own = pages_map(PAGES, 0);
        if (!own)
            break;
        pages_fill(own, PAGES, (int)(long)number * 1000);
        CHECK_EQUAL(0, sys_protect((uintptr_t)own, PAGES / 2 * PAGE, MAP_READ));
        CHECK(pages_hold(own, PAGES, (int)(long)number * 1000));
        struct memory_info *info = (struct memory_info *)(own + (PAGES - 1) * PAGE);
        CHECK_EQUAL(0, sys_memory_info(info));
        CHECK_EQUAL(-EACCES, sys_memory_info((struct memory_info *)own));
        CHECK_EQUAL(0, sys_protect((uintptr_t)own, PAGES * PAGE, MAP_READ | MAP_WRITE));
        pages_unmap(own, PAGES);
    }
    return NULL;
}

static void threads_map_and_unmap(void) {
    pthread_t threads[N];
    threads_start(threads, map_and_unmap);
    (void)map_and_unmap((void *)9);
    threads_end(threads);
}

/* ---- The end of a process with threads ---- */

static int never_port, never_session;

static void *spin(void *ignored) {
    ready++;
    for (volatile long i = 0;; i++) {}
    return ignored;
}

static void *spin_in_kernel(void *ignored) {
    ready++;
    for (;;)
        (void)sys_getpid();
    return ignored;
}

static void *fault_for_ever(void *ignored) {
    ready++;
    for (;;) {
        CHECK(sys_map(FAR_AWAY, PAGE, MAP_READ | MAP_WRITE | MAP_AT) > 0);
        *(volatile char *)FAR_AWAY = 1;
        CHECK_EQUAL(0, sys_unmap(FAR_AWAY, PAGE));
    }
    return ignored;
}

static void *sleep_long(void *ignored) {
    ready++;
    (void)sys_sleep(UINT64_MAX);
    return ignored;
}

static void *wait_long(void *ignored) {
    ready++;
    (void)sys_futex_wait(plain(&word), 0, SYS_FOREVER);
    return ignored;
}

static void *wait_with_deadline(void *ignored) {
    ready++;
    (void)sys_futex_wait(plain(&word), 0, 1000000000000);
    return ignored;
}

static void *call_long(void *ignored) {
    long words[4] = {0};
    ready++;
    (void)sys_call(never_session, words, NULL, 0, NULL, 0, 0);
    return ignored;
}

static void *receive_long(void *ignored) {
    struct message message;
    ready++;
    (void)sys_receive((int)sys_port_create(), NULL, 0, &message);
    return ignored;
}

static void sleeper_process(long ignored) {
    (void)ignored;
    (void)sys_sleep(20 * MILLISECOND);
}

static void *wait_for_child(void *ignored) {
    int child = child_start(sleeper_process, 0);
    ready++;
    (void)sys_wait(child, NULL, 0);
    return ignored;
}

static void *end_now(void *ignored) { return ignored; }

static void *begin_threads(void *ignored) {
    ready++;
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_now, NULL) == 0)
            (void)pthread_join(thread, NULL);
    }
    return ignored;
}

static void *fork_and_wait(void *ignored) {
    ready++;
    for (;;) {
        long pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        (void)sys_wait((int)pid, NULL, 0);
    }
    return ignored;
}

static thread_body *const waiting[] = {sleep_long, wait_long,    wait_with_deadline,
                                       call_long,  receive_long, wait_for_child};

/* One of them at a time: several that never wait make the machine slow. */
static thread_body *const busy[] = {spin, spin_in_kernel, fault_for_ever, fork_and_wait,
                                    begin_threads};

static void threads_in_every_state(size_t number) {
    never_port = (int)sys_port_create();
    never_session = (int)sys_session_create(never_port, 0);
    for (size_t i = 0; i < array_length(waiting); i++)
        (void)thread_start(waiting[i], 0);
    (void)thread_start(busy[number], 0);
    await(&ready, array_length(waiting) + 1);
    (void)sys_sleep((uint64_t)(check_random() % 4) * MILLISECOND);
}

enum end { BY_EXIT, BY_OTHER_EXIT, BY_EXEC, BY_OTHER_EXEC, BY_FAULT, BY_KILL, BY_TWO_EXECS, ENDS };

static void *exit_9(void *ignored) {
    (void)ignored;
    sys_exit(9);
}

static void *exec_false(void *ignored) {
    (void)execl("/bin/false", "false", (char *)NULL);
    CHECK(false);
    return ignored;
}

static void *store_nowhere(void *address) {
    *(volatile char *)address = 1;
    return NULL;
}

static void *kill_own(void *ignored) {
    CHECK_EQUAL(0, sys_kill((int)sys_getpid(), SIGNAL_ABORT));
    return ignored;
}

static void end_with_threads(long how_and_busy) {
    long how = how_and_busy % ENDS;
    static thread_body *const bodies[ENDS] = {exit_9,        exit_9,   exec_false, exec_false,
                                              store_nowhere, kill_own, exec_false};
    threads_in_every_state((size_t)(how_and_busy / ENDS));
    if (how != BY_EXIT && how != BY_EXEC)
        (void)thread_start(bodies[how], 0);
    if (how == BY_OTHER_EXIT || how == BY_OTHER_EXEC)
        (void)sys_sleep(UINT64_MAX);
    (void)bodies[how](NULL);
    (void)sys_sleep(UINT64_MAX);
}

static void ends_in_every_state(void) {
    static const int statuses[ENDS] = {STATUS_EXITED(9), STATUS_EXITED(9), STATUS_EXITED(1),
                                       STATUS_EXITED(1), SIGNAL_SEGV,      SIGNAL_ABORT,
                                       STATUS_EXITED(1)};
    for (long i = 0; i < ENDS * (long)array_length(busy); i++)
        CHECK_EQUAL(statuses[i % ENDS], child_run(end_with_threads, i));
}

static void stay_in_every_state(long number) {
    threads_in_every_state((size_t)number);
    gate_open(&gate);
    (void)sleep_long(NULL);
}

static void killed_in_every_state(void) {
    for (size_t i = 0; i < array_length(busy); i++) {
        gate_make(&gate);
        int child = child_start(stay_in_every_state, (long)i);
        int process = (int)sys_process_open(child);
        gate_wait(&gate);
        CHECK_EQUAL(0,
                    i % 2 ? sys_kill(child, SIGNAL_KILL) : sys_process_kill(process, SIGNAL_KILL));
        CHECK_EQUAL(SIGNAL_KILL, child_wait(child));
        CHECK_EQUAL(0, sys_handle_close(process));
    }
}

/* ---- Children of threads ---- */

static void *wait_for_pid(void *pid) { return (void *)sys_wait((int)(long)pid, NULL, 0); }

/* A child is waited for once: the other thread is told that there is none any more. */
static void one_child_two_waiters(void) {
    for (int any = 0; any < 2; any++) {
        gate_make(&gate);
        int child = child_start(wait_at_gate, 0);
        pthread_t a = thread_start(wait_for_pid, any ? -1 : child);
        pthread_t b = thread_start(wait_for_pid, child);
        threads_settle();
        gate_open(&gate);
        long first = thread_end(a), second = thread_end(b);
        CHECK(first == child || second == child);
        CHECK(first == -ECHILD || second == -ECHILD);
    }
}

/* The first in line cannot take the status: the second must hear of the child all the same. */
static void *wait_to_nowhere(void *pid) {
    return (void *)sys_wait((int)(long)pid, (int *)FAR_AWAY, 0);
}

static void waiter_with_a_bad_address(void) {
    gate_make(&gate);
    int child = child_start(wait_at_gate, 0);
    pthread_t bad = thread_start(wait_to_nowhere, child);
    threads_settle();
    pthread_t good = thread_start(wait_for_pid, child);
    threads_settle();
    gate_open(&gate);
    CHECK_EQUAL(child, thread_end(good));
    long result = thread_end(bad);
    CHECK(result == -EFAULT || result == -ECHILD);
}

static void two_children_two_waiters(void) {
    gate_make(&gate);
    long one = child_start(wait_at_gate, 0), two = child_start(wait_at_gate, 0);
    pthread_t a = thread_start(wait_for_pid, -1), b = thread_start(wait_for_pid, -1);
    gate_open(&gate);
    CHECK_EQUAL(one + two, thread_end(a) + thread_end(b));
}

/* ---- Several threads and one port ---- */

static void *serve(void *port) {
    struct message message;
    long served = 0, kind;
    while ((kind = sys_receive((int)(long)port, NULL, 0, &message)) == MESSAGE_CALL) {
        const long words[4] = {message.word[0] + 1};
        CHECK_EQUAL(0, sys_reply(message.token, words, NULL, 0, 0, (int)(long)port));
        served++;
    }
    CHECK_EQUAL(-EBADF, kind);
    return (void *)served;
}

static void *call_often(void *session) {
    for (long i = 0; i < 100 * ROUNDS; i++) {
        long words[4] = {i};
        CHECK_EQUAL(0, sys_call((int)(long)session, words, NULL, 0, NULL, 0, 0));
        CHECK_EQUAL(i + 1, words[0]);
    }
    return NULL;
}

static void servers_with_threads(void) {
    pthread_t servers[N], clients[N];
    long port = sys_port_create(), session = sys_session_create((int)port, 0), served = 0;
    for (int i = 0; i < N; i++)
        servers[i] = thread_start(serve, port);
    for (int i = 0; i < N; i++)
        clients[i] = thread_start(call_often, session);
    threads_end(clients);
    CHECK_EQUAL(0, sys_handle_close((int)port)); /* whoever waits on it is told */
    for (int i = 0; i < N; i++)
        served += thread_end(servers[i]);
    CHECK_EQUAL(N * 100 * ROUNDS, served);
}

static void *call_into_nothing(void *session) {
    long words[4] = {0};
    ready++;
    return (void *)sys_call((int)(long)session, words, NULL, 0, NULL, 0, 0);
}

static void port_closed_under_callers(void) {
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t clients[N];
        long port = sys_port_create(), session = sys_session_create((int)port, 0);
        ready = 0;
        for (int i = 0; i < N; i++)
            clients[i] = thread_start(call_into_nothing, session);
        await(&ready, (uint32_t)(round % (N + 1)));
        CHECK_EQUAL(0, sys_handle_close((int)port));
        for (int i = 0; i < N; i++)
            CHECK_EQUAL(-ECONNRESET, thread_end(clients[i]));
        CHECK_EQUAL(0, sys_handle_close((int)session));
    }
}

/* ---- Turns ---- */

static void *step(void *ignored) {
    done++;
    return ignored;
}

static void spinners_stop_nobody(long ignored) {
    (void)ignored;
    for (int i = 0; i < 2 * N; i++)
        (void)thread_start(spin, 0);
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(0, sys_sleep(MILLISECOND));
        (void)thread_end(thread_start(step, 0));
    }
    CHECK_EQUAL(5, done);
    exit(check_failures != 0);
}

static void turns(void) { CHECK_EQUAL(0, child_run(spinners_stop_nobody, 0)); }

static const struct test futex_tests[] = {
    {"futex_arguments", "a word that is none, or another number, is told at once", futex_arguments},
    {"futex_wakes", "a wake wakes so many of that word, the first first", futex_wakes},
    {"words_of_processes", "a word of shared memory is one for all, of private memory each its own",
     words_of_processes},
    {"word_whose_page_is_copied", "who waits is found though the page got another frame",
     word_whose_page_is_copied},
    {"waiter_outlives_its_memory", "who waits for a word of memory that is gone takes no wake-up",
     waiter_outlives_its_memory},
    {"bad_threads", "a thread without stack or code ends its process and nothing else",
     bad_threads},
    {"exit_words", "a thread ends whatever its word is, and clears it", exit_words},
    {"thread_ids", "a thread has one id, told to it, to its creator and when it asks", thread_ids},
    {"fork_under_writers", "no thread of the parent writes to what the child has",
     fork_under_writers},
    {"changes_under_writers", "after unmap and protect no other thread can still write",
     changes_under_writers},
    {"readers_see_the_copy", "after a store no other thread still reads the old frame",
     readers_see_the_copy},
    {"faults_on_one_page", "threads that fault on one page get one frame", faults_on_one_page},
    {"fork_tears_nothing", "a child sees each page as it was at one moment", fork_tears_nothing},
    {"threads_map_and_unmap", "threads change one address space at once", threads_map_and_unmap},
    {"ends_in_every_state", "exit, exec and faults end the other threads wherever they are",
     ends_in_every_state},
    {"killed_in_every_state", "a kill ends all threads wherever they are", killed_in_every_state},
    {"one_child_two_waiters", "of two threads that wait for a child one gets it",
     one_child_two_waiters},
    {"waiter_with_a_bad_address", "whoever can take a child's status gets it",
     waiter_with_a_bad_address},
    {"two_children_two_waiters", "two threads that wait for any child get one each",
     two_children_two_waiters},
    {"servers_with_threads", "several threads receive from one port, and each call is served once",
     servers_with_threads},
    {"port_closed_under_callers", "who calls a port that another thread closes is told",
     port_closed_under_callers},
    {"turns", "threads that spin keep nobody from running", turns},
    {0},
};
const struct test *const suites[] = {futex_tests, NULL};
