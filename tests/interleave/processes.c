/* Scenarios of proc/: processes that fork, end, kill and wait at the same time.
 *
 * Init is process 1, its child 2, and a child of that 3. Whatever comes first, in the end init has
 * waited for all of them, and nothing of them is left. */
#include "arch/riscv/fp.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/elf.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "proc/sched.h"
#include "proc/wait.h"
#include "tests/check.h"
#include "tests/interleave/kernel.h"
#include "tests/mm/space.h"

#define CHILD 2

/* ---- Init waits for whatever there is ---- */

static long init_waits(void);

static long init_has_waited(void) {
    if (user_result() == -ECHILD)
        return user_pause();
    CHECK(user_result() > PID_INIT);
    return init_waits();
}

static long init_waits(void) {
    user_next(init_has_waited);
    return process_wait(-1, 0, 0);
}

static long init_kills(void) {
    user_next(init_waits);
    return process_kill(CHILD, SIGNAL_KILL);
}

static long init_kills_tree(void) {
    struct process *child = process_get(CHILD);
    long result = child ? process_kill_tree(child, SIGNAL_KILL) : -ESRCH;
    user_next(init_waits);
    if (child)
        object_put(&child->object);
    return result;
}

/* ---- What the child does ---- */

static long exits(void) { return user_exit(); }

static long pauses(void) {
    user_next(exits);
    return user_pause();
}

static long spins(void) { return user_spin(); }

static long forks(void) {
    user_next(exits);
    return process_fork();
}

static long forks_and_pauses(void) {
    user_next(pauses);
    return process_fork();
}

static long has_waited(void) {
    CHECK_EQUAL(CHILD + 1, user_result());
    return user_exit();
}

static long waits(void) {
    user_next(has_waited);
    return process_wait(-1, 0, 0);
}

static long forks_to_wait(void) {
    user_next(exits);
    long pid = process_fork();
    user_next(waits);
    return pid;
}

/* ---- Two threads: the first waits for a word to change, or for the clock ---- */

#define WORD PAGE(0)
#define FOR_EVER UINT64_MAX

static user_step second_begins;
static uint64_t waits_at_most;

static long has_been_woken(void) {
    CHECK(user_result() == 0 || user_result() == -ETIMEDOUT);
    return user_exit();
}

static long waits_for_word(void) {
    user_next(has_been_woken);
    return futex_wait(WORD, 0, waits_at_most);
}

static long first_thread(void) {
    user_next(waits_for_word);
    return process_thread_create((uintptr_t)second_begins, 0, 0, 0);
}

static long thread_exits(void) { return process_thread_exit(0); }

static long wakes_and_pauses(void) {
    user_next(user_pause);
    return futex_wake(WORD, 1);
}

static long wakes_and_spins(void) {
    user_next(spins);
    return futex_wake(WORD, 1);
}

static long exits_and_wakes(void) { return process_thread_exit(WORD); }

static long first_of_two(void) {
    user_next(thread_exits);
    return process_thread_create((uintptr_t)thread_exits, 0, 0, 0);
}

static long sleeps(void) {
    user_next(exits);
    sched_sleep(0);
    return 0;
}

/* ---- Parents ---- */

static long asks_for_parent(void) {
    struct process *parent = process_get(CHILD);
    long pid = (long)process_current()->parent_pid;
    CHECK(pid == PID_INIT || (parent && pid == CHILD));
    if (parent)
        object_put(&parent->object);
    return user_exit();
}

static long forks_who_asks(void) {
    user_next(asks_for_parent);
    long pid = process_fork();
    user_next(exits);
    return pid;
}

/* ---- Exec by one of two threads, which has used floating point ---- */

#define OLD_VALUE 42

static const struct {
    struct elf_header header;
    struct elf_segment segment;
} image = {
    .header = {.magic = "\177ELF",
               .class = ELF_CLASS_64,
               .data = ELF_DATA_LITTLE,
               .type = ELF_TYPE_EXECUTABLE,
               .machine = ELF_MACHINE_RISCV,
               .entry = USER_IMAGE_BASE,
               .segments = sizeof(struct elf_header),
               .segment_header_size = sizeof(struct elf_segment),
               .nsegments = 1},
    .segment = {.type = ELF_SEGMENT_LOAD,
                .flags = ELF_FLAG_READ | ELF_FLAG_EXECUTE,
                .address = USER_IMAGE_BASE,
                .file_bytes = sizeof(struct elf_header),
                .memory_bytes = sizeof(struct elf_header)},
};
static const struct argument_block arguments;

user_step user_program;

static long program_begins(void) {
    CHECK_EQUAL(0, *user_fp_register());
    return user_exit();
}

static long exec_has_failed(void) {
    CHECK_EQUAL(0, user_result());
    return user_exit();
}

static long execs(void) {
    *user_fp_register() = OLD_VALUE;
    user_next(exec_has_failed);
    return exec_current(PAGE(0), sizeof image, PAGE(1), sizeof arguments);
}

static long prepares_exec(void) {
    struct aspace *as = process_current()->as;
    user_program = program_begins;
    CHECK_EQUAL(0, copy_out(as, PAGE(0), &image, sizeof image));
    CHECK_EQUAL(0, copy_out(as, PAGE(1), &arguments, sizeof arguments));
    CHECK_EQUAL(-EFAULT, exec_current(USER_END, 1, 0, 0)); /* its cache is there in each run */
    user_next(execs);
    return process_thread_create((uintptr_t)thread_exits, 0, 0, 0);
}

/* ---- Audit: all others stand still ---- */

static int standing_still;

/* => what this thread does next: nobody looks at the machine while it moves */
static long audits(void) {
    sched_stop_others();
    CHECK_EQUAL(0, standing_still++);
    yield_point("audit");
    standing_still--;
    sched_resume_others();
    user_next(exits);
    return 0;
}

static long forks_to_audit(void) {
    user_next(audits);
    return process_fork();
}

/* ---- Begin: init forks, and its child is about to do the step ---- */

static user_step child_begins;
static user_step init_goes_on;

static long init_has_forked(void) {
    user_next(user_result() == 0 ? child_begins : init_goes_on);
    return 0;
}

static long init_forks(void) {
    user_next(init_has_forked);
    return process_fork();
}

static void boot(user_step init_step, user_step child_step) {
    init_goes_on = init_step;
    child_begins = child_step;
    kernel_boot(2, init_forks, init_step, child_step);
}

static void fork_and_kill(void) { boot(init_kills, forks); }
static void fork_and_kill_tree(void) { boot(init_kills_tree, forks_and_pauses); }
static void exit_and_kill(void) { boot(init_kills, exits); }
static void exit_and_wait(void) { boot(init_waits, exits); }
static void spin_and_kill(void) { boot(init_kills, spins); }
static void pause_and_kill(void) { boot(init_kills, pauses); }
static void wait_and_kill(void) { boot(init_kills, forks_to_wait); }
static void wait_for_child(void) { boot(init_waits, forks_to_wait); }

static void boot_threads(user_step init_step, user_step second, uint64_t nanoseconds) {
    second_begins = second;
    waits_at_most = nanoseconds;
    init_goes_on = init_step;
    child_begins = first_thread;
    kernel_boot(2, init_forks, init_step, second);
}

static void wake_and_kill(void) { boot_threads(init_kills, wakes_and_pauses, FOR_EVER); }
static void wake_and_spin(void) { boot_threads(init_waits, wakes_and_spins, FOR_EVER); }
static void wake_and_timeout(void) { boot_threads(init_waits, wakes_and_pauses, 0); }
static void timeout_and_kill(void) { boot_threads(init_kills, user_pause, 0); }
static void thread_exit_and_join(void) { boot_threads(init_waits, exits_and_wakes, FOR_EVER); }
static void thread_exit_and_exit(void) {
    init_goes_on = init_waits;
    child_begins = first_of_two;
    kernel_boot(2, init_forks, init_waits, thread_exits);
}

static void parent_and_exit(void) {
    init_goes_on = init_waits;
    child_begins = forks_who_asks;
    kernel_boot(2, init_forks, init_waits, asks_for_parent);
}

static void exec_and_thread(void) {
    init_goes_on = init_waits;
    child_begins = prepares_exec;
    kernel_boot(2, init_forks, init_waits, execs);
}

static void two_audits(void) {
    standing_still = 0;
    init_goes_on = init_waits;
    child_begins = forks_to_audit;
    kernel_boot(3, init_forks, init_waits, audits);
}

static void thread_create_and_kill(void) { boot(init_kills, first_of_two); }
static void sleep_and_kill(void) { boot(init_kills, sleeps); }

#define PROC(scenario, limit, what)                                                                \
    {                                                                                              \
        .name = #scenario, .rule = (what), .switches = (limit), .set_up = (scenario),              \
        .act = {kernel_run, kernel_run}, .judge = kernel_end                                       \
    }
#define PROC_ON_3_HARTS(scenario, limit, what)                                                     \
    {                                                                                              \
        .name = #scenario, .rule = (what), .switches = (limit), .set_up = (scenario),              \
        .act = {kernel_run, kernel_run, kernel_run}, .judge = kernel_end                           \
    }

const struct scenario process_scenarios[] = {
    PROC(exit_and_wait, 2, "a wait hears of an exit"),
    PROC(exit_and_kill, 2, "a process ends once, by itself or by a kill"),
    PROC(pause_and_kill, 2, "a kill ends a wait, however it comes to it"),
    PROC(spin_and_kill, 2, "a kill reaches a program that makes no system calls"),
    PROC(fork_and_kill, 2, "a child is there, or leaves nothing, when its parent is killed"),
    PROC(fork_and_kill_tree, 2, "no child escapes when a tree is killed"),
    PROC(wait_for_child, 2, "each wait hears of its own child"),
    PROC(wait_and_kill, 2, "who waits can be killed, and its child finds another parent"),
    PROC(sleep_and_kill, 2, "a sleeper is woken by the clock or by a kill"),
    PROC(wake_and_kill, 2, "a wait that two would end ends once"),
    PROC(wake_and_timeout, 2, "the same, of a wake and the clock"),
    PROC(timeout_and_kill, 2, "the same, of the clock and a kill"),
    PROC(wake_and_spin, 2, "what is ready runs, when a hart is idle and all others are busy"),
    PROC(thread_exit_and_join, 2, "who waits for a thread's end hears of it"),
    PROC(thread_exit_and_exit, 2, "one of two threads is the last"),
    PROC(thread_create_and_kill, 2,
         "a thread is there, or leaves nothing, when its process is killed"),
    PROC(parent_and_exit, 2, "who asks for its parent hears of one that is there"),
    PROC(exec_and_thread, 2, "a new program begins without the old one's floating point"),
    PROC_ON_3_HARTS(two_audits, 1,
                    "who audits is alone, and two that would do not wait for each other"),
    {0},
};
