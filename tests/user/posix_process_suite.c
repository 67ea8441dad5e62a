/* POSIX in tables: processes, signals, pipes, memory. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/posix.h"

static int status;
static struct gate gate;

/* ---- Output of a child ---- */

static char told[2048];

/* Run `body` in a child whose standard output goes to `told`, and end it by _exit(0).
 * => its wait status */
static int tell(void (*body)(void)) {
    int ends[2];
    size_t length = 0;
    ssize_t part;
    CHECK_EQUAL(0, pipe(ends));
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], 1);
        (void)close(ends[0]);
        (void)close(ends[1]);
        body();
        _exit(0);
    }
    (void)close(ends[1]);
    while ((part = read(ends[0], told + length, sizeof told - 1 - length)) > 0)
        length += (size_t)part;
    told[length] = 0;
    (void)close(ends[0]);
    CHECK_EQUAL(pid, waitpid(pid, &status, 0));
    return status;
}

static bool told_is(const char *text) {
    if (strcmp(told, text) == 0)
        return true;
    print("  told: %s\n", told);
    return false;
}

/* ---- fork and wait ---- */

static void leave(long code) { _exit((int)code); }
static void fall(long signal) { (void)raise((int)signal); }
static void wait_at_gate(long unused) {
    (void)unused;
    gate_wait(&gate);
}

static void statuses(void) {
    static const struct {
        child_body *body;
        int argument;
        bool exited;
        int code;
    } rows[] = {
        {leave, 0, true, 0},
        {leave, 7, true, 7},
        {leave, 255, true, 255},
        {leave, 256, true, 0},
        {leave, -1, true, 255},
        {fall, SIGTERM, false, SIGTERM},
        {fall, SIGKILL, false, SIGKILL},
        {fall, SIGUSR2, false, SIGUSR2},
        {fall, SIGCHLD, true, 0},
        {fall, SIGTSTP, true, 0},
    };
    for (size_t i = 0; i < array_length(rows); i++) {
        status = child_run(rows[i].body, rows[i].argument);
        CHECK_EQUAL(rows[i].exited, WIFEXITED(status));
        CHECK_EQUAL(!rows[i].exited, WIFSIGNALED(status));
        CHECK_EQUAL(rows[i].code, rows[i].exited ? WEXITSTATUS(status) : WTERMSIG(status));
        CHECK(!WIFSTOPPED(status));
    }
}

static void waiting(void) {
    ROW(-1, ECHILD, wait(&status));
    ROW(-1, ECHILD, waitpid(getppid(), &status, 0));
    ROW(-1, EINVAL, waitpid(-1, &status, 1 << 20));
    gate_make(&gate);
    pid_t first = fork();
    if (first == 0) {
        gate_wait(&gate);
        _exit(1);
    }
    pid_t second = child_start(leave, 2);
    ROW(0, 0, waitpid(first, &status, WNOHANG));
    ROW(second, 0, waitpid(second, &status, 0));
    ROW(2, 0, WEXITSTATUS(status));
    ROW(-1, ECHILD, waitpid(second, &status, 0));
    ROW(0, 0, waitpid(-1, &status, WNOHANG));
    ROW(-1, ECHILD, waitpid(-first, &status, 0));
    gate_open(&gate);
    ROW(-1, EFAULT, waitpid(first, (int *)8, 0));
    ROW(first, 0, waitpid(0, &status, 0));
    ROW(1, 0, WEXITSTATUS(status));
    second = child_start(leave, 3);
    ROW(second, 0, wait(NULL));
    ROW(-1, ECHILD, waitpid(-1, NULL, WNOHANG));
}

static void families(void) {
    pid_t parent = getpid();
    CHECK(parent > 1 && getppid() > 0 && getppid() != parent);
    pid_t child = fork();
    if (child == 0) {
        CHECK(getpid() != parent);
        CHECK_EQUAL(parent, getppid());
        _exit(check_failures);
    }
    ROW(child, 0, waitpid(child, &status, 0));
    ROW(0, 0, status);
    child = vfork();
    if (child == 0)
        _exit(5);
    ROW(child, 0, waitpid(child, &status, 0));
    ROW(5, 0, WEXITSTATUS(status));
}

/* The gate opens when the parent was waited for, so that it is surely gone. */
static void orphans(void) {
    int answer[2], parent = 0;
    gate_make(&gate);
    ROW(0, 0, pipe(answer));
    pid_t child = fork();
    if (child == 0) {
        if (fork() > 0)
            _exit(3);
        gate_wait(&gate);
        parent = getppid();
        (void)write(answer[1], &parent, sizeof parent);
        _exit(0);
    }
    ROW(child, 0, waitpid(child, &status, 0));
    ROW(3, 0, WEXITSTATUS(status));
    gate_open(&gate);
    ROW(0, 0, close(answer[1]));
    ROW(sizeof parent, 0, read(answer[0], &parent, sizeof parent));
    ROW(1, 0, parent);
}

/* ---- exec ---- */

static char *const words[] = {"first", "two words", "", NULL};
static char *const setting[] = {"A=1", "B=", NULL};

static void exec_plain(void) { (void)execve("/tests/tell", words, setting); }

static void exec_with_descriptors(void) {
    environ = (char **)setting;
    (void)dup2(1, 5);
    (void)dup2(1, 7);
    (void)dup2(1, 8);
    (void)fcntl(7, F_SETFD, FD_CLOEXEC);
    (void)close(2);
    (void)execv("/tests/tell", words);
}

static void exec_by_list(void) { (void)execle("/tests/tell", "x", "y", (char *)NULL, setting); }

static void exec_by_path(void) {
    (void)setenv("PATH", "/none:/tmp/posix:/tests", 1);
    (void)execlp("tell", "by path", (char *)NULL);
}

static void exec_starts(void) {
    ROW(9 << 8, 0, tell(exec_plain));
    ROW(1, 0, told_is("first|two words||\nA=1|B=|\n0 1 2 \n"));
    ROW(9 << 8, 0, tell(exec_with_descriptors));
    ROW(1, 0, told_is("first|two words||\nA=1|B=|\n0 1 5 8 \n"));
    ROW(9 << 8, 0, tell(exec_by_list));
    ROW(1, 0, told_is("x|y|\nA=1|B=|\n0 1 2 \n"));
    ROW(9 << 8, 0, tell(exec_by_path));
    ROW(0, 0, strncmp(told, "by path|\n", 9));
}

static char *const none[] = {NULL};

static void exec_refuses(void) {
    folder_enter();
    ROW(0, 0, file_put("plain", "text"));
    ROW(0, 0, mkdir("folder", 0755));
    ROW(-1, ENOENT, execve("none", words, none));
    ROW(-1, ENOENT, execve("", words, none));
    ROW(-1, ENOTDIR, execve("plain/x", words, none));
    ROW(-1, EACCES, execve("folder", words, none));
    ROW(-1, EACCES, execve("plain", words, none));
    ROW(0, 0, chmod("plain", 0755));
    ROW(-1, ENOEXEC, execve("plain", words, none));
    ROW(0, 0, file_put("plain", ""));
    ROW(-1, ENOEXEC, execve("plain", words, none));
    ROW(0, 0, file_put("plain", "#! /none\n"));
    ROW(-1, ENOENT, execve("plain", words, none));
    ROW(0, 0, file_put("plain", "#!\n"));
    ROW(-1, ENOEXEC, execve("plain", words, none));
    ROW(0, 0, file_put("plain", "#!plain\n"));
    ROW(-1, ENOEXEC, execve("plain", words, none));
    ROW(0, 0, setenv("PATH", "/none:/tmp/posix", 1));
    ROW(-1, ENOENT, execvp("none", words));
    ROW(-1, ENOENT, execvp("", words));
    ROW(-1, EACCES, execvp("folder", words));
    char *large = malloc(ARG_MAX + 1);
    memset(large, 'x', ARG_MAX);
    large[ARG_MAX] = 0;
    ROW(-1, E2BIG, execve("/tests/tell", (char *[]){large, NULL}, none));
    folder_leave();
}

static void exec_script(void) { (void)execve("script", words, setting); }

static void exec_scripts(void) {
    folder_enter();
    ROW(0, 0, file_put("script", "#! /tests/tell  -a b\nanything"));
    ROW(0, 0, chmod("script", 0755));
    ROW(9 << 8, 0, tell(exec_script));
    ROW(1, 0, told_is("/tests/tell|-a b|script|two words||\nA=1|B=|\n0 1 2 \n"));
    ROW(0, 0, file_put("script", "echo shell\nexit 4\n"));
    ROW(-1, ENOEXEC, execve("script", words, setting));
    ROW(4 << 8, 0, system("./script > told"));
    ROW(1, 0, file_is("told", "shell\n"));
    folder_leave();
}

/* ---- exit ---- */

static void say_a(void) { printf("a"); }
static void say_b(void) { printf("b"); }
static void say_and_add(void) {
    printf("c");
    (void)atexit(say_b);
}

static void handlers_add(void) {
    (void)atexit(say_a);
    (void)atexit(say_and_add);
    (void)atexit(say_b);
}

static void end_by_exit(void) {
    handlers_add();
    printf("text ");
    exit(260);
}

static void end_by_underscore(void) {
    handlers_add();
    printf("text ");
    _exit(5);
}

static void end_by_underscore_c(void) {
    handlers_add();
    printf("text ");
    _Exit(6);
}

static void end_by_abort(void) {
    handlers_add();
    (void)signal(SIGABRT, SIG_IGN);
    printf("text ");
    abort();
}

static void end_by_exec(void) {
    handlers_add();
    printf("text ");
    (void)execl("/bin/true", "true", (char *)NULL);
}

static void end_after_flush(void) {
    handlers_add();
    printf("text ");
    (void)fflush(NULL);
    _exit(0);
}

static void ends(void) {
    static const struct {
        void (*body)(void);
        int status;
        const char *told;
    } rows[] = {
        {end_by_exit, 4 << 8, "text bcba"},
        {end_by_underscore, 5 << 8, ""},
        {end_by_underscore_c, 6 << 8, ""},
        {end_by_abort, SIGABRT, ""},
        {end_by_exec, 0, ""},
        {end_after_flush, 0, "text "},
    };
    for (size_t i = 0; i < array_length(rows); i++) {
        ROW(rows[i].status, 0, tell(rows[i].body));
        ROW(1, 0, told_is(rows[i].told));
    }
}

/* ---- Signals ---- */

static int caught, times_caught;

static void catch (int signal) {
    caught = signal;
    times_caught++;
}

static void catch_again(int signal) {
    static int inside;
    CHECK_EQUAL(0, inside++); /* blocked while its handler runs */
    catch (signal);
    if (times_caught < 3)
        (void)raise(signal);
    inside--;
}

static void handlers(void) {
    ROW(SIG_DFL, 0, signal(SIGUSR1, catch));
    ROW(0, 0, raise(SIGUSR1));
    ROW(SIGUSR1, 0, caught);
    ROW(0, 0, kill(getpid(), SIGUSR1));
    ROW(2, 0, times_caught);
    ROW(catch, 0, signal(SIGUSR1, SIG_IGN));
    ROW(0, 0, raise(SIGUSR1));
    ROW(2, 0, times_caught);
    ROW(SIG_IGN, 0, signal(SIGUSR1, SIG_DFL));
    ROW(SIG_ERR, EINVAL, signal(SIGKILL, catch));
    ROW(SIG_ERR, EINVAL, signal(SIGSTOP, SIG_IGN));
    ROW(SIG_ERR, EINVAL, signal(0, catch));
    ROW(SIG_ERR, EINVAL, signal(NSIG, catch));
    ROW(-1, EINVAL, raise(NSIG));
    ROW(SIG_DFL, 0, signal(SIGUSR1, catch_again));
    times_caught = 0;
    ROW(0, 0, raise(SIGUSR1));
    ROW(3, 0, times_caught);
    struct sigaction once = {.sa_handler = catch, .sa_flags = SA_RESETHAND};
    ROW(0, 0, sigaction(SIGUSR1, &once, NULL));
    ROW(0, 0, raise(SIGUSR1));
    ROW(SIG_DFL, 0, signal(SIGUSR1, SIG_DFL));
}

static sigjmp_buf place;

static void jump_out(int signal) { siglongjmp(place, signal); }

static void jumps(void) {
    sigset_t set;
    volatile int times = 0;
    ROW(SIG_DFL, 0, signal(SIGUSR1, jump_out));
    int came = sigsetjmp(place, 1);
    if (times++ < 3)
        (void)raise(SIGUSR1);
    ROW(4, 0, times);
    ROW(SIGUSR1, 0, came);
    ROW(0, 0, sigprocmask(SIG_BLOCK, NULL, &set));
    ROW(0, 0, sigismember(&set, SIGUSR1));
    if (sigsetjmp(place, 0) == 0)
        (void)raise(SIGUSR1);
    ROW(0, 0, sigprocmask(SIG_BLOCK, NULL, &set));
    ROW(1, 0, sigismember(&set, SIGUSR1));
}

static void mask(void) {
    sigset_t set, old;
    times_caught = 0;
    ROW(SIG_DFL, 0, signal(SIGUSR1, catch));
    ROW(0, 0, sigemptyset(&set));
    ROW(0, 0, sigaddset(&set, SIGUSR1));
    ROW(0, 0, sigprocmask(SIG_BLOCK, &set, &old));
    ROW(0, 0, sigismember(&old, SIGUSR1));
    ROW(0, 0, raise(SIGUSR1));
    ROW(0, 0, raise(SIGUSR1));
    ROW(0, 0, times_caught);
    ROW(0, 0, sigpending(&old));
    ROW(1, 0, sigismember(&old, SIGUSR1));
    pid_t child = fork();
    if (child == 0) {
        (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
        _exit(times_caught); /* what waits for the parent is not the child's */
    }
    ROW(child, 0, waitpid(child, &status, 0));
    ROW(0, 0, status);
    ROW(0, 0, sigprocmask(SIG_UNBLOCK, &set, NULL));
    ROW(1, 0, times_caught);
    ROW(-1, EINVAL, sigprocmask(9, &set, NULL));
    ROW(-1, EINVAL, sigaddset(&set, NSIG));
}

static void killing(void) {
    gate_make(&gate);
    pid_t child = child_start(wait_at_gate, 0);
    ROW(0, 0, kill(child, 0));
    ROW(0, 0, kill(child, SIGCHLD));
    ROW(0, 0, waitpid(child, &status, WNOHANG));
    ROW(-1, EINVAL, kill(child, NSIG));
    ROW(-1, EINVAL, kill(child, -1));
    ROW(0, 0, kill(child, SIGTERM));
    ROW(child, 0, waitpid(child, &status, 0));
    ROW(SIGTERM, 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    ROW(-1, ESRCH, kill(child, SIGTERM));
    ROW(-1, ESRCH, kill(INT_MAX, 0));
    ROW(-1, EPERM, kill(1, SIGTERM));
    ROW(-1, EPERM, kill(getppid(), 0));
    ROW(-1, EPERM, kill(-1, SIGTERM));
    gate_open(&gate);
}

/* ---- Pipes ---- */

static int ends_of[2];

static void pipe_bytes(void) {
    char bytes[8];
    ROW(0, 0, pipe(ends_of));
    ROW(ends_of[0] + 1, 0, ends_of[1]);
    ROW(3, 0, write(ends_of[1], "abc", 3));
    ROW(2, 0, write(ends_of[1], "de", 2));
    ROW(1, 0, next_is(ends_of[0], "abcd"));
    ROW(1, 0, read(ends_of[0], bytes, sizeof bytes));
    ROW(-1, EBADF, write(ends_of[0], "x", 1));
    ROW(-1, EBADF, read(ends_of[1], bytes, 1));
    ROW(-1, ESPIPE, lseek(ends_of[0], 0, SEEK_CUR));
    ROW(-1, ESPIPE, pread(ends_of[0], bytes, 1, 0));
    ROW(-1, EINVAL, ftruncate(ends_of[1], 0));
    ROW(0, 0, fcntl(ends_of[0], F_SETFL, O_NONBLOCK));
    ROW(-1, EAGAIN, read(ends_of[0], bytes, 1));
    ROW(O_WRONLY, 0, fcntl(ends_of[1], F_GETFL));
    ROW(-1, EINVAL, pipe2(ends_of, O_APPEND));
}

static void writer_child(long unused) {
    (void)unused;
    (void)close(ends_of[0]);
    gate_wait(&gate);
    CHECK_EQUAL(4, write(ends_of[1], "last", 4));
}

static void pipe_ends(void) {
    char byte;
    gate_make(&gate);
    ROW(0, 0, pipe(ends_of));
    pid_t child = child_start(writer_child, 0);
    int copy = dup(ends_of[1]);
    ROW(0, 0, close(ends_of[1]));
    ROW(1, 0, write(copy, "x", 1));
    ROW(0, 0, close(copy));
    ROW(1, 0, next_is(ends_of[0], "x"));
    ROW(0, 0, fcntl(ends_of[0], F_SETFL, O_NONBLOCK));
    ROW(-1, EAGAIN, read(ends_of[0], &byte, 1)); /* the child is a writer still */
    ROW(0, 0, fcntl(ends_of[0], F_SETFL, 0));
    gate_open(&gate);
    ROW(1, 0, next_is(ends_of[0], "last"));
    ROW(0, 0, read(ends_of[0], &byte, 1));
    ROW(0, 0, read(ends_of[0], &byte, 1));
    ROW(0, 0, child_wait(child));
}

static void write_to_nobody(long unused) {
    (void)unused;
    (void)write(ends_of[1], "x", 1);
}

static void pipe_without_reader(void) {
    ROW(0, 0, pipe(ends_of));
    ROW(0, 0, close(ends_of[0]));
    ROW(SIGPIPE, 0, child_run(write_to_nobody, 0));
    ROW(SIG_DFL, 0, signal(SIGPIPE, SIG_IGN));
    ROW(-1, EPIPE, write(ends_of[1], "x", 1));
    ROW(SIG_IGN, 0, signal(SIGPIPE, catch));
    ROW(-1, EPIPE, write(ends_of[1], "x", 1));
    ROW(SIGPIPE, 0, caught);
}

#define MANY 1000

static void write_many(long letter) {
    char piece[PIPE_BUF];
    memset(piece, (int)letter, sizeof piece);
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(PIPE_BUF, write(ends_of[1], piece, sizeof piece));
}

/* => whether all bytes of the next piece are the same */
static bool piece_is_whole(void) {
    char piece[PIPE_BUF];
    size_t done = 0;
    for (ssize_t part = 1; part > 0 && done < sizeof piece; done += (size_t)part)
        part = read(ends_of[0], piece + done, sizeof piece - done);
    return done == sizeof piece && memcmp(piece, piece + 1, sizeof piece - 1) == 0;
}

static void pipe_pieces(void) {
    ROW(0, 0, pipe(ends_of));
    int first = child_start(write_many, 'a'), second = child_start(write_many, 'b');
    int whole = 0;
    for (int i = 0; i < 2 * MANY; i++)
        whole += piece_is_whole();
    ROW(2 * MANY, 0, whole);
    ROW(0, 0, child_wait(first));
    ROW(0, 0, child_wait(second));
}

/* ---- Memory ---- */

#define PAGE USER_PAGE_SIZE

static void heap(void) {
    char *start = sbrk(0);
    ROW(start, 0, sbrk(3 * PAGE));
    ROW(0, 0, start[3 * PAGE - 1]);
    start[PAGE] = 'x';
    ROW(start + 3 * PAGE, 0, sbrk(-2 * PAGE));
    ROW(start + PAGE, 0, sbrk(0));
    ROW(start + PAGE, 0, sbrk(PAGE));
    ROW(0, 0, start[PAGE + PAGE / 2]);
    ROW(-1, ENOMEM, sbrk(1L << 45));
    ROW(start + 2 * PAGE, 0, sbrk(0));
    ROW(0, 0, brk(start + 1));
    ROW(start + 1, 0, sbrk(0));
    ROW(-1, ENOMEM, brk((void *)8));
}

static char *memory;

static void store(long offset) { *(volatile char *)(memory + offset) = 1; }
static void load(long offset) { (void)*(volatile char *)(memory + offset); }

static char *map(size_t nbytes, int rights, int flags, int file) {
    return mmap(NULL, nbytes, rights, flags, file, 0);
}

#define RW (PROT_READ | PROT_WRITE)
#define OWN (MAP_PRIVATE | MAP_ANONYMOUS)

static void mappings(void) {
    memory = map(3 * PAGE, RW, OWN, -1);
    ROW(0, 0, memory[0] | memory[3 * PAGE - 1]);
    ROW(0, 0, child_run(store, 0));
    ROW(0, 0, memory[0]);
    ROW(0, 0, munmap(memory + PAGE, PAGE));
    ROW(SIGSEGV, 0, child_run(load, PAGE));
    ROW(0, 0, child_run(store, 2 * PAGE));
    ROW(memory + PAGE, 0, mmap(memory + PAGE, PAGE, RW, OWN | MAP_FIXED, -1, 0));
    store(0);
    ROW(memory, 0, mmap(memory, PAGE, RW, OWN | MAP_FIXED, -1, 0));
    ROW(0, 0, memory[0]);
    ROW(0, 0, munmap(memory, 3 * PAGE));
    ROW(0, 0, munmap(memory, 3 * PAGE));
    memory = map(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
    ROW(0, 0, child_run(store, 5));
    ROW(1, 0, memory[5]);
    ROW(MAP_FAILED, EINVAL, map(0, RW, OWN, -1));
    ROW(MAP_FAILED, EINVAL, map(PAGE, RW, MAP_ANONYMOUS, -1));
    ROW(MAP_FAILED, EINVAL, mmap((void *)1, PAGE, RW, OWN | MAP_FIXED, -1, 0));
    ROW(MAP_FAILED, ENOMEM, map(1L << 45, RW, OWN, -1));
    ROW(MAP_FAILED, EBADF, map(PAGE, RW, MAP_PRIVATE, 20));
    ROW(-1, EINVAL, munmap(memory, 0));
    ROW(-1, EINVAL, munmap(memory + 1, PAGE));
}

static void mapped_files(void) {
    folder_enter();
    ROW(0, 0, file_put("f", "abcdef"));
    int file = open("f", O_RDWR), in = open("f", O_RDONLY), out = open("f", O_WRONLY);
    memory = map(6, RW, MAP_PRIVATE, file);
    ROW(0, 0, strcmp(memory, "abcdef"));
    memory[0] = 'X';
    ROW(1, 0, file_is("f", "abcdef"));
    ROW(0, 0, lseek(file, 0, SEEK_CUR));
    ROW(0, 0, close(file));
    ROW(0, 0, strcmp(memory, "Xbcdef"));
    ROW(0, 0, munmap(memory, 6));
    memory = map(PAGE, PROT_READ, MAP_PRIVATE, in);
    ROW(0, 0, strcmp(memory, "abcdef"));
    ROW(SIGSEGV, 0, child_run(store, 0));
    ROW(MAP_FAILED, EACCES, map(PAGE, PROT_READ, MAP_PRIVATE, out));
    ROW(MAP_FAILED, EINVAL, mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, in, 1));
    ROW(0, 0, pipe(ends_of));
    ROW(MAP_FAILED, ENODEV, map(PAGE, PROT_READ, MAP_PRIVATE, ends_of[0]));
    folder_leave();
}

static void protections(void) {
    memory = map(2 * PAGE, RW, OWN, -1);
    store(0);
    ROW(0, 0, mprotect(memory, PAGE, PROT_READ));
    ROW(SIGSEGV, 0, child_run(store, 0));
    ROW(0, 0, child_run(store, PAGE));
    ROW(1, 0, memory[0]);
    ROW(0, 0, mprotect(memory, PAGE, PROT_NONE));
    ROW(SIGSEGV, 0, child_run(load, 0));
    ROW(0, 0, mprotect(memory, 2 * PAGE, RW));
    ROW(1, 0, memory[0]);
    store(0);
    ROW(-1, EINVAL, mprotect(memory, PAGE, 64));
    ROW(0, 0, munmap(memory + PAGE, PAGE));
    ROW(-1, ENOMEM, mprotect(memory, 2 * PAGE, PROT_READ));
}

static const struct test process_tests[] = {
    {"statuses", "wait tells an exit from a signal, and which", statuses},
    {"waiting", "waitpid waits for who is named, and never for who is no child", waiting},
    {"families", "fork tells child and parent who they are", families},
    {"orphans", "the child of a process that ended is init's", orphans},
    {"exec_starts", "exec hands on arguments, environment and open descriptors", exec_starts},
    {"exec_refuses", "an exec that fails says why, and the caller goes on", exec_refuses},
    {"exec_scripts", "a script is run by its first line, or by the shell", exec_scripts},
    {"ends", "exit runs handlers backwards and flushes, the other ends do not", ends},
    {"handlers", "what a process sends to itself is caught, ignored or its end", handlers},
    {"jumps", "a handler may be left by a jump, with its signal allowed again or not", jumps},
    {"mask", "a blocked signal waits, once", mask},
    {"killing", "kill reaches descendants only", killing},
    {"pipe_bytes", "a pipe carries bytes in order, one way", pipe_bytes},
    {"pipe_ends", "end of file comes when the last writer is gone", pipe_ends},
    {"pipe_without_reader", "without a reader: SIGPIPE, or EPIPE", pipe_without_reader},
    {"pipe_pieces", "writes of up to PIPE_BUF bytes do not mix", pipe_pieces},
    {"heap", "the heap's end moves to the byte, and what comes back is zero", heap},
    {"mappings", "mappings are made, replaced and cut; private or shared", mappings},
    {"mapped_files", "a private mapping has the file's bytes and does not write them",
     mapped_files},
    {"protections", "mprotect forbids and allows, and keeps the bytes", protections},
    {0},
};
const struct test *const suites[] = {process_tests, NULL};
