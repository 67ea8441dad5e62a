/* Processes: who is told what about whose end, and what many of them do to memory. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define PID_NOBODY 0xfffff0

static struct gate gate;
static char *pages;

static void nothing(long ignored) { (void)ignored; }
static void end_with(long code) { sys_exit((int)code); }
static void end_by(long signal) { CHECK_EQUAL(0, sys_kill((int)sys_getpid(), (int)signal)); }

static void wait_only(long ignored) {
    (void)ignored;
    gate_wait(&gate);
}

/* ---- Statuses ---- */

static void exit_statuses(void) {
    for (int code = 0; code < 256; code++)
        CHECK_EQUAL(STATUS_EXITED(code), child_run(end_with, code));
    CHECK_EQUAL(STATUS_EXITED(1), child_run(end_with, 257));
    CHECK_EQUAL(STATUS_EXITED(255), child_run(end_with, -1));
}

static void kill_statuses(void) {
    for (int signal = 1; signal <= SIGNAL_MAX; signal++)
        CHECK_EQUAL(signal, child_run(end_by, signal));
}

static void illegal_instruction(long ignored) {
    (void)ignored;
    __asm__ volatile(".4byte 0");
}
static void privileged_instruction(long ignored) {
    (void)ignored;
    __asm__ volatile("csrr t0, sstatus" ::: "t0");
}
static void breakpoint(long ignored) {
    (void)ignored;
    __asm__ volatile("ebreak");
}
static void aborted(long ignored) {
    (void)ignored;
    abort();
}

static void fault_statuses(void) {
    CHECK_EQUAL(SIGNAL_ILLEGAL, child_run(illegal_instruction, 0));
    CHECK_EQUAL(SIGNAL_ILLEGAL, child_run(privileged_instruction, 0));
    CHECK_EQUAL(SIGNAL_TRAP, child_run(breakpoint, 0));
    CHECK_EQUAL(SIGNAL_ABORT, child_run(aborted, 0));
}

static void wait_for_nobody(void) {
    int status = 77;
    CHECK_EQUAL(-ECHILD, sys_wait(-1, &status, 0));
    CHECK_EQUAL(-ECHILD, sys_wait(-1, &status, WAIT_NO_HANG));
    CHECK_EQUAL(-ECHILD, sys_wait((int)sys_getpid(), &status, 0));
    CHECK_EQUAL(-ECHILD, sys_wait((int)sys_getppid(), &status, 0));
    CHECK_EQUAL(-ECHILD, sys_wait(1, &status, 0));
    CHECK_EQUAL(-ECHILD, sys_wait(PID_NOBODY, &status, 0));
    CHECK_EQUAL(-EINVAL, sys_wait(0, &status, 0));
    CHECK_EQUAL(-EINVAL, sys_wait(-2, &status, 0));
    CHECK_EQUAL(-EINVAL, sys_wait(-1, &status, 2));
    CHECK_EQUAL(-EINVAL, sys_wait(-1, &status, -1));
    CHECK_EQUAL(77, status);
    int child = child_start(nothing, 0);
    CHECK_EQUAL(0, child_wait(child));
    CHECK_EQUAL(-ECHILD, sys_wait(child, &status, 0)); /* a child is waited for once */
}

static void wait_without_hanging(void) {
    int status = 77;
    gate_make(&gate);
    int child = child_start(wait_only, 0);
    CHECK_EQUAL(0, sys_wait(child, &status, WAIT_NO_HANG));
    CHECK_EQUAL(0, sys_wait(-1, &status, WAIT_NO_HANG));
    CHECK_EQUAL(77, status);
    gate_open(&gate);
    while (sys_wait(-1, &status, WAIT_NO_HANG) == 0)
        (void)sys_yield();
    CHECK_EQUAL(0, status);
}

static void wait_picks_the_child(void) {
    int first = child_start(end_with, 1), second = child_start(end_with, 2), third;
    CHECK_EQUAL(STATUS_EXITED(2), child_wait(second));
    CHECK_EQUAL(first, sys_wait(-1, NULL, 0));
    gate_make(&gate);
    third = child_start(wait_only, 0);
    second = child_start(end_with, 2);
    int status;
    CHECK_EQUAL(second, sys_wait(-1, &status, 0));
    gate_open(&gate);
    CHECK_EQUAL(third, sys_wait(-1, &status, 0));
}

/* ---- Kill ---- */

static void kill_blocked_child(void) {
    gate_make(&gate);
    int child = child_start(wait_only, 0);
    process_wait_blocked(child);
    CHECK_EQUAL(0, sys_kill(child, 0)); /* only asks */
    CHECK_EQUAL(0, sys_wait(child, NULL, WAIT_NO_HANG));
    CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(child));
    CHECK_EQUAL(-ESRCH, sys_kill(child, SIGNAL_KILL));
    gate_open(&gate);
}

static void sleep_long(long ignored) {
    (void)ignored;
    (void)sys_sleep(UINT64_MAX);
    CHECK(false); /* it has not slept 500 years */
}

static void spin(long ignored) {
    for (;;)
        *(volatile long *)&ignored += 1;
}

static void receive_for_ever(long ignored) {
    struct message message;
    (void)ignored;
    (void)sys_receive((int)sys_port_create(), NULL, 0, &message);
}

static void wait_for_ever(long ignored) {
    (void)ignored;
    int child = child_start(spin, 0);
    (void)sys_wait(child, NULL, 0);
}

/* The process that holds the tree is killed, and its children with it. => its wait status */
static int tree_kill(int pid) {
    int process = (int)sys_process_open(pid);
    CHECK(process >= 0);
    CHECK_EQUAL(-EINVAL, sys_process_kill(process, 0));
    CHECK_EQUAL(-EINVAL, sys_process_kill(process, SIGNAL_MAX + 1));
    CHECK_EQUAL(0, sys_process_kill(process, SIGNAL_KILL));
    int status = child_wait(pid);
    CHECK_EQUAL(0, sys_process_kill(process, SIGNAL_KILL)); /* it is over: nothing to do */
    CHECK_EQUAL(0, sys_handle_close(process));
    return status;
}

static void kill_in_every_state(void) {
    static child_body *const bodies[] = {sleep_long, spin, wait_for_ever, nothing};
    for (size_t i = 0; i < array_length(bodies); i++)
        for (int yields = 0; yields < 4; yields++) {
            int child = child_start(bodies[i], 0);
            for (int y = 0; y < yields; y++)
                (void)sys_yield();
            int status = tree_kill(child);
            CHECK(status == SIGNAL_KILL || (status == 0 && bodies[i] == nothing));
        }
}

static void kill_while_blocked(void) {
    static child_body *const bodies[] = {sleep_long, wait_for_ever, receive_for_ever};
    for (size_t i = 0; i < array_length(bodies); i++) {
        int child = child_start(bodies[i], 0);
        process_wait_blocked(child);
        CHECK_EQUAL(SIGNAL_KILL, tree_kill(child));
    }
}

/* The second signal comes while the first one's end is on its way, or too late. */
static void kill_once(void) {
    for (int signal = 1; signal <= SIGNAL_MAX; signal += 7) {
        int child = child_start(spin, 0);
        CHECK_EQUAL(0, sys_kill(child, signal));
        CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL));
        CHECK_EQUAL(signal, child_wait(child));
    }
    int child = child_start(end_with, 3);
    while (page_of(child, &gate).count > 0)
        (void)sys_yield();
    CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL)); /* ended, but not waited for */
    CHECK_EQUAL(STATUS_EXITED(3), child_wait(child));
}

static void kill_upward(long parent) {
    CHECK_EQUAL(-EPERM, sys_kill((int)parent, SIGNAL_KILL));
    CHECK_EQUAL(-EPERM, sys_kill((int)parent, 0));
    CHECK_EQUAL(-EPERM, sys_process_open((int)parent));
    CHECK_EQUAL(-EPERM, sys_kill(1, SIGNAL_KILL));
    CHECK_EQUAL(-EPERM, sys_kill(2, SIGNAL_KILL)); /* the first server */
    CHECK_EQUAL(-ESRCH, sys_kill(PID_NOBODY, SIGNAL_KILL));
    CHECK_EQUAL(-ESRCH, sys_kill(0, SIGNAL_KILL));
    CHECK_EQUAL(-ESRCH, sys_kill(-1, SIGNAL_KILL));
    CHECK_EQUAL(-ESRCH, sys_process_open(PID_NOBODY));
    CHECK_EQUAL(-EINVAL, sys_kill((int)sys_getpid(), SIGNAL_MAX + 1));
    CHECK_EQUAL(-EINVAL, sys_kill((int)sys_getpid(), -1));
}

static void kill_a_sibling(long sibling) {
    CHECK_EQUAL(-EPERM, sys_kill((int)sibling, SIGNAL_KILL));
}

static void kill_only_descendants(void) {
    CHECK_EQUAL(0, child_run(kill_upward, sys_getpid()));
    gate_make(&gate);
    int sibling = child_start(wait_only, 0);
    int child = child_start(kill_a_sibling, sibling);
    CHECK_EQUAL(0, child_wait(child));
    gate_open(&gate);
    CHECK_EQUAL(0, child_wait(sibling));
}

static int *shared_pid; /* in shared memory */

static void tell_and_leave(long ignored) {
    (void)ignored;
    shared_pid[0] = child_start(wait_only, 0);
    shared_pid[1] = (int)sys_getpid();
}

static void orphans_go_to_init(void) {
    struct process_info info;
    shared_pid = (int *)pages_map(1, MAP_SHARE);
    gate_make(&gate);
    CHECK_EQUAL(0, child_run(tell_and_leave, 0));
    CHECK_EQUAL(shared_pid[0], sys_process_info(shared_pid[0], &info));
    CHECK_EQUAL(1, info.parent);
    CHECK_EQUAL(-ECHILD, sys_wait(shared_pid[0], NULL, 0));
    CHECK_EQUAL(-EPERM, sys_kill(shared_pid[0], SIGNAL_KILL));
    gate_open(&gate);
}

/* The grandparent wants orphans, and the parent of who leaves one does not. */
static void orphan_of_a_child(long ignored) {
    struct process_info info;
    (void)ignored;
    CHECK_EQUAL(0, child_run(tell_and_leave, 0));
    CHECK_EQUAL(shared_pid[0], sys_process_info(shared_pid[0], &info));
    CHECK(info.parent != sys_getpid() && info.parent != 1);
    CHECK_EQUAL(-EPERM, sys_kill(shared_pid[0], 0));
}

static void orphans_go_to_who_asked(void) {
    int status;
    shared_pid = (int *)pages_map(1, MAP_SHARE);
    gate_make(&gate);
    CHECK_EQUAL(-EINVAL, sys_adopt(2));
    CHECK_EQUAL(0, sys_adopt(1));
    CHECK_EQUAL(0, child_run(orphan_of_a_child, 0));
    CHECK_EQUAL(0, sys_kill(shared_pid[0], SIGNAL_KILL));
    CHECK_EQUAL(shared_pid[0], sys_wait(shared_pid[0], &status, 0));
    CHECK_EQUAL(SIGNAL_KILL, status);
    CHECK_EQUAL(0, sys_adopt(0));
    CHECK_EQUAL(0, child_run(tell_and_leave, 0));
    CHECK_EQUAL(-ECHILD, sys_wait(shared_pid[0], &status, 0));
    gate_open(&gate);
}

static void leave_ended_children(long ignored) {
    (void)ignored;
    for (int i = 0; i < 10; i++)
        (void)child_start(nothing, 0);
    for (int i = 0; i < 30; i++)
        (void)sys_yield();
}

static void unwaited_children_are_reaped(void) {
    CHECK_EQUAL(0, child_run(leave_ended_children, 0)); /* the ledger looks for them */
}

static void own_pids(long parent) {
    CHECK_EQUAL(parent, sys_getppid());
    CHECK(sys_getpid() != parent);
}

static void pids(void) { CHECK_EQUAL(0, child_run(own_pids, sys_getpid())); }

/* ---- What a child begins with ---- */

static void registers_survive_fork(void) {
    register long s2 __asm__("s2") = 0x1234567812345678;
    double value = 1.5;
    __asm__ volatile("" : "+r"(s2));
    int pid = (int)sys_fork();
    __asm__ volatile("" : "+r"(s2));
    value *= 2;
    bool right = s2 == 0x1234567812345678 && value == 3.0;
    if (pid == 0)
        _exit(right ? 0 : 1);
    CHECK(right);
    CHECK_EQUAL(0, child_wait(pid));
}

static void handles_are_inherited(long handle) {
    CHECK_EQUAL(0, sys_handle_flags((int)handle, -1));
    CHECK_EQUAL(0, sys_handle_close((int)handle));
    CHECK_EQUAL(-EBADF, sys_handle_close((int)handle));
}

static void each_has_its_handles(void) {
    int port = (int)sys_port_create();
    CHECK(port >= 0);
    CHECK_EQUAL(0, child_run(handles_are_inherited, port));
    CHECK_EQUAL(0, sys_handle_close(port));
}

/* ---- Arguments that are wrong ---- */

/* On several harts each audit stops the others, those that want to audit among them. */
static void audits_often(long ignored) {
    (void)ignored;
    for (int i = 0; i < 60; i++)
        CHECK_EQUAL(0, audit());
}

static void audits_at_once(void) {
    int children[3];
    for (int i = 0; i < 3; i++)
        children[i] = child_start(audits_often, 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(0, child_wait(children[i]));
}

/* A shell that still has the pid of a job that ended must not reach another one by it. */
static void pids_come_again_late(void) {
    int first = child_start(nothing, 0);
    CHECK_EQUAL(0, child_wait(first));
    gate_make(&gate);
    for (int i = 0; i < 10; i++)
        CHECK(child_start(wait_only, 0) != first);
    CHECK_EQUAL(-ESRCH, sys_kill(first, 0));
    CHECK_EQUAL(-ECHILD, sys_wait(first, NULL, WAIT_NO_HANG));
    gate_open(&gate);
    for (int i = 0; i < 10; i++)
        CHECK(sys_wait(-1, NULL, 0) > 0);
}

static void sleeps(void) {
    const long intervals[] = {0, 1, 100000, 3000000};
    for (size_t i = 0; i < array_length(intervals); i++) {
        long start = sys_clock();
        CHECK_EQUAL(0, sys_sleep((uint64_t)intervals[i]));
        CHECK(sys_clock() - start >= intervals[i]);
    }
}

static const struct wrong_call {
    int error;
    long number, x, y, z;
} wrong_calls[] = {
    {ENOSYS, SYS_COUNT, 0, 0, 0},
    {ENOSYS, SYS_COUNT + 1, 0, 0, 0},
    {ENOSYS, 0x100000000, 0, 0, 0}, /* its lower half is a number */
    {ENOSYS, -1, 0, 0, 0},
    {ENOSYS, LONG_MIN, 0, 0, 0},
    {ENOSYS, LONG_MAX, 0, 0, 0},
    {EINVAL, SYS_KILL, 1, SIGNAL_MAX + 1, 0},
    {ESRCH, SYS_KILL, LONG_MIN, SIGNAL_KILL, 0},
    {ESRCH, SYS_KILL, 0x100000001, SIGNAL_KILL, 0},
    {EINVAL, SYS_WAIT, LONG_MIN, 0, 0},
    {ECHILD, SYS_WAIT, LONG_MAX, 0, 0},
    {EINVAL, SYS_WAIT, -1, 0, 0x100000000},
    {EINVAL, SYS_MAP, 0, 0, MAP_READ},
    {EINVAL, SYS_MAP, 0, -1, MAP_READ},
    {EINVAL, SYS_MAP, 0, PAGE, 32},
    {EINVAL, SYS_MAP, 0, PAGE, -1},
    {EINVAL, SYS_MAP, 0, PAGE, 0x100000000 | MAP_READ},
    {EINVAL, SYS_MAP, USER_MAP_BASE + 1, PAGE, MAP_READ | MAP_AT},
    {EINVAL, SYS_MAP, USER_END, PAGE, MAP_READ | MAP_AT},
    {EINVAL, SYS_MAP, USER_END - PAGE, 2 * PAGE, MAP_READ | MAP_AT},
    {EINVAL, SYS_MAP, -PAGE, PAGE, MAP_READ | MAP_AT},
    {EEXIST, SYS_MAP, USER_IMAGE_BASE, PAGE, MAP_READ | MAP_AT},
    {EEXIST, SYS_MAP, USER_STACK_TOP - USER_STACK_MAX - PAGE, PAGE, MAP_READ | MAP_AT},
    {ENOMEM, SYS_MAP, 0, USER_END, MAP_READ},
    {EINVAL, SYS_UNMAP, USER_IMAGE_BASE + 1, PAGE, 0},
    {EINVAL, SYS_UNMAP, USER_IMAGE_BASE, -1, 0},
    {EINVAL, SYS_UNMAP, USER_END, PAGE, 0},
    {EINVAL, SYS_UNMAP, -PAGE, 2 * PAGE, 0},
    {EINVAL, SYS_PROTECT, USER_IMAGE_BASE + 8, PAGE, MAP_READ},
    {EINVAL, SYS_PROTECT, USER_IMAGE_BASE, PAGE, MAP_RIGHTS + 1},
    {EINVAL, SYS_PROTECT, USER_IMAGE_BASE, PAGE, -1},
    {EINVAL, SYS_PROTECT, USER_IMAGE_BASE, -1, MAP_READ},
    {ENOMEM, SYS_PROTECT, USER_MAP_BASE - PAGE, PAGE, MAP_READ},
    {ENOMEM, SYS_BRK, USER_END, 0, 0},
    {ENOMEM, SYS_BRK, -1, 0, 0},
    {EINVAL, SYS_BRK, 1, 0, 0},
    {ESRCH, SYS_PROCESS_INFO, 0x7fffffff, 0, 0},
    {ESRCH, SYS_PROCESS_INFO, LONG_MAX, 0, 0},
    {ESRCH, SYS_REGION_INFO, LONG_MIN, 0, 0},
    {ESRCH, SYS_REGION_INFO, 0, 0, 0},
    {ENOENT, SYS_REGION_INFO, 1, -1, 0},
    {EINVAL, SYS_PAGE_INFO, 1, 1, 0},
    {EINVAL, SYS_PAGE_INFO, 1, USER_END, 0},
    {ESRCH, SYS_PROCESS_OPEN, LONG_MIN, 0, 0},
    {EFAULT, SYS_EXEC, USER_END - PAGE, PAGE + 1, 0},
    {EFAULT, SYS_EXEC, -PAGE, 2 * PAGE, 0},
    {ENOEXEC, SYS_EXEC, USER_IMAGE_BASE, 0, 0},
};

/* None of them did anything: the regions are what they were, and this process still runs. */
static void wrong_arguments(void) {
    process_wait_blocked((int)sys_getppid()); /* it may take a frame of its own until then */
    unsigned long sum = regions_sum();
    size_t frames = frames_free();
    for (size_t i = 0; i < array_length(wrong_calls); i++) {
        const struct wrong_call *call = &wrong_calls[i];
        long result = syscall4(call->number, call->x, call->y, call->z, 0);
        if (result != -call->error)
            print("wrong call %lu, number %ld\n", i, call->number);
        CHECK_EQUAL(-call->error, result);
    }
    CHECK_EQUAL(sum, regions_sum());
    CHECK_EQUAL(frames, frames_free());
}

static const long wrong_handles[] = {-1, LONG_MIN, LONG_MAX, 0x100000000, 65535, 65536, 1000};

/* Every call that takes a handle, with numbers that name none and with one of another kind. */
static void wrong_handle_numbers(void) {
    static const int calls[] = {SYS_HANDLE_CLOSE,   SYS_HANDLE_DUP,     SYS_HANDLE_FLAGS,
                                SYS_SESSION_CREATE, SYS_INTERRUPT_BIND, SYS_INTERRUPT_DONE,
                                SYS_DEVICE_MAP,     SYS_PROCESS_KILL,   SYS_LOG,
                                SYS_POWER_OFF,      SYS_RECEIVE};
    int session = (int)sys_session_create((int)sys_port_create(), 0);
    for (size_t i = 0; i < array_length(calls); i++) {
        for (size_t n = 0; n < array_length(wrong_handles); n++)
            CHECK_EQUAL(-EBADF, syscall4(calls[i], wrong_handles[n], 1, 1, 0));
        if (calls[i] > SYS_HANDLE_FLAGS)
            CHECK_EQUAL(-EBADF, syscall4(calls[i], session, 1, 1, 0));
    }
    CHECK_EQUAL(0, sys_handle_flags(session, -1));
}

/* ---- Many ---- */

static void holds_a_hundred(long ignored) {
    wait_only(ignored);
    CHECK(pages_hold(pages, 1, 100));
}

static void sharers_by_the_hundred(void) {
    static int children[300];
    pages = pages_map(1, 0);
    pages_fill(pages, 1, 100);
    gate_make(&gate);
    for (size_t i = 0; i < array_length(children); i++)
        children[i] = child_start(holds_a_hundred, 0);
    for (size_t i = 0; i < array_length(children); i++)
        process_wait_blocked(children[i]);
    CHECK_EQUAL(array_length(children) + 1, page_of((int)sys_getpid(), pages).count);
    CHECK_EQUAL(0, audit());
    pages_fill(pages, 1, 200);
    CHECK_EQUAL(1, page_of((int)sys_getpid(), pages).count);
    CHECK_EQUAL(array_length(children), page_of(children[0], pages).count);
    gate_open(&gate);
    for (size_t i = 0; i < array_length(children); i++)
        CHECK_EQUAL(0, child_wait(children[i]));
    CHECK(pages_hold(pages, 1, 200));
}

static size_t most_of_memory;

static void holds_most(long value) { CHECK(pages_hold(pages, most_of_memory, (int)value)); }

static void writes_some(long value) {
    size_t room = frames_free() / 2;
    pages_fill(pages, room, (int)value);
    CHECK(pages_hold(pages, room, (int)value));
}

static void fork_with_two_thirds_of_memory(void) {
    most_of_memory = frames_free() / 3 * 2;
    pages = pages_map(most_of_memory, 0);
    pages_fill(pages, most_of_memory, 1000);
    size_t before = frames_free();
    int child = child_start(holds_most, 1000);
    CHECK(before - frames_free() < most_of_memory / 100 + 50); /* page tables, not pages */
    CHECK_EQUAL(0, child_wait(child));
    CHECK_EQUAL(0, child_run(writes_some, 2000));
    CHECK(pages_hold(pages, most_of_memory, 1000));
}

/* Both sides write until there is no memory: the writer ends, the other has its bytes. */
static void writes_all(long value) { pages_fill(pages, most_of_memory, (int)value); }

static void no_memory_for_a_copy(void) {
    most_of_memory = frames_free() / 3 * 2;
    pages = pages_map(most_of_memory, 0);
    pages_fill(pages, most_of_memory, 1000);
    CHECK_EQUAL(SIGNAL_KILL, child_run(writes_all, 2000));
    CHECK(pages_hold(pages, most_of_memory, 1000));
    CHECK_EQUAL(0, audit());
    CHECK_EQUAL(0, child_run(holds_most, 1000));
}

static void eats_all(long ignored) {
    size_t npages = frames_free() + 100;
    (void)ignored;
    pages_fill(pages_map(npages, 0), npages, 1);
}

static void eats_shared(long ignored) {
    long address;
    (void)ignored;
    while ((address = sys_map(0, 16 * PAGE, MAP_READ | MAP_WRITE | MAP_SHARE)) > 0)
        pages_fill((char *)address, 16, 1);
    CHECK_EQUAL(-ENOMEM, address);
}

static void eats_handles(long ignored) {
    long port;
    (void)ignored;
    while ((port = sys_port_create()) >= 0)
        ;
    CHECK(port == -EMFILE || port == -ENOMEM);
}

static void eats_regions(long ignored) {
    long address = 0;
    (void)ignored;
    for (unsigned long i = 0; i < 5000 && address >= 0; i++) {
        address = sys_map(USER_MAP_BASE + i * 0x400000, PAGE, MAP_READ | MAP_WRITE | MAP_AT);
        if (address > 0)
            *(volatile char *)address = 1;
    }
    CHECK(address > 0 || address == -ENOMEM);
}

static void eaters_of_memory(void) {
    CHECK_EQUAL(SIGNAL_KILL, child_run(eats_all, 0));
    CHECK_EQUAL(0, child_run(eats_shared, 0));
    CHECK_EQUAL(0, child_run(eats_handles, 0));
    int status = child_run(eats_regions, 0);
    CHECK(status == 0 || status == SIGNAL_KILL);
}

/* Children wait in a call to their parent, which never receives it: that needs no memory. */
static void forks_until_no_memory(long ignored) {
    int port = (int)sys_port_create(), session = (int)sys_session_create(port, 0);
    long pid;
    (void)ignored;
    while ((pid = sys_fork()) > 0)
        ;
    if (pid == 0) {
        long words[4] = {0};
        CHECK_EQUAL(0, sys_handle_close(port));
        CHECK_EQUAL(-ECONNRESET, sys_call(session, words, NULL, 0, NULL, 0, 0));
        _exit(check_failures ? 1 : 0);
    }
    CHECK_EQUAL(-ENOMEM, pid);
    CHECK_EQUAL(0, sys_handle_close(port));
    int status;
    while (sys_wait(-1, &status, 0) > 0)
        CHECK(status == 0 || status == SIGNAL_KILL);
}

static void fork_fails_for_want_of_memory(void) {
    int status = child_run(forks_until_no_memory, 0);
    CHECK(status == 0 || status == SIGNAL_KILL); /* its own next store may find no memory */
}

static int *shared_count;

/* Few frames are left: fork fails in its middle, for each of its allocations. */
static void forks_with_little_memory(long nframes) {
    size_t eaten = memory_eat((size_t)nframes, &pages);
    long pid = sys_fork();
    if (pid == 0)
        _exit(0);
    CHECK(pid > 0 || pid == -ENOMEM);
    if (pid > 0)
        CHECK_EQUAL(pid, sys_wait((int)pid, NULL, 0));
    else
        ++*shared_count;
    CHECK(pages_hold(pages, eaten, 100));
}

static void fork_fails_in_its_middle(void) {
    shared_count = (int *)pages_map(1, MAP_SHARE);
    for (long nframes = 1; nframes < 80; nframes += 1 + nframes / 10) {
        int status = child_run(forks_with_little_memory, nframes);
        CHECK(status == 0 || status == SIGNAL_KILL);
        CHECK_EQUAL(0, audit());
    }
    CHECK(*shared_count > 5); /* it did fail, here and there */
}

static const struct test process_tests[] = {
    {"exit_statuses", "the parent gets the low eight bits", exit_statuses},
    {"kill_statuses", "a process ends by the signal that it was sent", kill_statuses},
    {"fault_statuses", "what an instruction does wrong is told by the signal", fault_statuses},
    {"wait_for_nobody", "only children are waited for, once", wait_for_nobody},
    {"wait_without_hanging", "WAIT_NO_HANG does not wait", wait_without_hanging},
    {"wait_picks_the_child", "wait() takes the child it names, or whoever ended",
     wait_picks_the_child},
    {"kill_blocked_child", "a child that waits for a reply can be killed", kill_blocked_child},
    {"kill_while_blocked", "whoever sleeps, waits or receives can be killed", kill_while_blocked},
    {"kill_once", "a process ends once, by what came first", kill_once},
    {"kill_in_every_state", "a tree ends in whatever state its processes are", kill_in_every_state},
    {"kill_only_descendants", "nobody kills its parents, siblings or servers",
     kill_only_descendants},
    {"orphans_go_to_init", "an orphan is init's child and nobody else's", orphans_go_to_init},
    {"orphans_go_to_who_asked", "or that of the nearest ancestor that asked for orphans",
     orphans_go_to_who_asked},
    {"unwaited_children_are_reaped", "what nobody waited for is reaped by init",
     unwaited_children_are_reaped},
    {"pids", "parent and child know each other's pid", pids},
    {"audits_at_once", "audits that meet do not wait for each other", audits_at_once},
    {"pids_come_again_late", "a pid that is free again is not the next one's",
     pids_come_again_late},
    {"registers_survive_fork", "both sides go on with the parent's registers",
     registers_survive_fork},
    {"each_has_its_handles", "a handle closed by the child stays open in the parent",
     each_has_its_handles},
    {"sleeps", "sleep() is not shorter than it says", sleeps},
    {"wrong_arguments", "a wrong argument gets its errno and changes nothing", wrong_arguments},
    {"wrong_handle_numbers", "a number that names nothing of the right kind gets EBADF",
     wrong_handle_numbers},
    {"sharers_by_the_hundred", "300 sharers of one page are counted right", sharers_by_the_hundred},
    {"fork_with_two_thirds_of_memory", "fork needs no memory for pages",
     fork_with_two_thirds_of_memory},
    {"no_memory_for_a_copy", "who finds no memory ends, and the other side keeps its bytes",
     no_memory_for_a_copy},
    {"eaters_of_memory", "who takes all there is, of any kind, ends alone", eaters_of_memory},
    {"fork_fails_for_want_of_memory", "fork until there is no memory gives all back",
     fork_fails_for_want_of_memory},
    {"fork_fails_in_its_middle", "a fork that fails leaves the parent as it was",
     fork_fails_in_its_middle},
    {0},
};
const struct test *const suites[] = {process_tests, NULL};
