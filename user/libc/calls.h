/* The calls of Linux that Byre's C library serves: the one list of them.
 *
 * musl asks by Linux's call numbers (RISC-V, 64 bits; musl's bits/syscall.h) and expects Linux's
 * answers: 0 or a positive result, or a negative errno. Each number here has one function in
 * user/libc, whose arguments are Linux's; a number that is not here is ENOSYS. Include
 * <sys/syscall.h> first. */
#pragma once

#include "lib/abi.h"

#ifndef SYS_newfstatat /* musl before 1.2.3 has it by another name */
#define SYS_newfstatat 79
#endif

/* Calls without arguments that the kernel has as they are. DIRECT(number, the kernel's number) */
#define BYRE_DIRECT_CALLS(DIRECT)                                                                  \
    DIRECT(SYS_getpid, SYS_GETPID)                                                                 \
    DIRECT(SYS_getppid, SYS_GETPPID)                                                               \
    DIRECT(SYS_gettid, SYS_THREAD_ID)                                                              \
    DIRECT(SYS_sched_yield, SYS_YIELD)

/* All others. CALL(number, function, how many arguments) */
#define BYRE_CALLS(CALL)                                                                           \
    /* user/libc/file.c */                                                                         \
    CALL(SYS_read, byre_read, 3)                                                                   \
    CALL(SYS_write, byre_write, 3)                                                                 \
    CALL(SYS_readv, byre_readv, 3)                                                                 \
    CALL(SYS_writev, byre_writev, 3)                                                               \
    CALL(SYS_pread64, byre_pread, 4)                                                               \
    CALL(SYS_pwrite64, byre_pwrite, 4)                                                             \
    CALL(SYS_lseek, byre_lseek, 3)                                                                 \
    CALL(SYS_ftruncate, byre_ftruncate, 2)                                                         \
    CALL(SYS_fsync, byre_fsync, 1)                                                                 \
    CALL(SYS_fdatasync, byre_fsync, 1)                                                             \
    CALL(SYS_sync, byre_sync, 0)                                                                   \
    CALL(SYS_ioctl, byre_ioctl, 3)                                                                 \
    CALL(SYS_openat, byre_openat, 4)                                                               \
    CALL(SYS_close, byre_close, 1)                                                                 \
    CALL(SYS_dup, byre_dup, 1)                                                                     \
    CALL(SYS_dup3, byre_dup3, 3)                                                                   \
    CALL(SYS_fcntl, byre_fcntl, 3)                                                                 \
    CALL(SYS_pipe2, byre_pipe2, 2)                                                                 \
    CALL(SYS_fstat, byre_fstat, 2)                                                                 \
    CALL(SYS_fchmod, byre_fchmod, 2)                                                               \
    CALL(SYS_fchown, byre_fchown, 3)                                                               \
    CALL(SYS_fstatfs, byre_fstatfs, 2)                                                             \
    /* user/libc/name.c */                                                                         \
    CALL(SYS_newfstatat, byre_fstatat, 4)                                                          \
    CALL(SYS_faccessat, byre_faccessat, 3)                                                         \
    CALL(SYS_mkdirat, byre_mkdirat, 3)                                                             \
    CALL(SYS_unlinkat, byre_unlinkat, 3)                                                           \
    CALL(SYS_linkat, byre_linkat, 5)                                                               \
    CALL(SYS_renameat2, byre_renameat, 5)                                                          \
    CALL(SYS_symlinkat, byre_symlinkat, 3)                                                         \
    CALL(SYS_readlinkat, byre_readlinkat, 4)                                                       \
    CALL(SYS_mknodat, byre_mknodat, 4)                                                             \
    CALL(SYS_truncate, byre_truncate, 2)                                                           \
    CALL(SYS_fchmodat, byre_fchmodat, 3)                                                           \
    CALL(SYS_fchownat, byre_fchownat, 5)                                                           \
    CALL(SYS_statfs, byre_statfs, 2)                                                               \
    CALL(SYS_chdir, byre_chdir, 1)                                                                 \
    CALL(SYS_fchdir, byre_fchdir, 1)                                                               \
    CALL(SYS_getcwd, byre_getcwd, 2)                                                               \
    CALL(SYS_umask, byre_umask, 1)                                                                 \
    CALL(SYS_getdents64, byre_getdents, 3)                                                         \
    /* user/libc/process.c */                                                                      \
    CALL(SYS_clone, byre_clone, 5)                                                                 \
    CALL(SYS_wait4, byre_wait4, 4)                                                                 \
    CALL(SYS_waitid, byre_waitid, 5)                                                               \
    CALL(SYS_exit_group, byre_exit_group, 1)                                                       \
    CALL(SYS_getpgid, byre_getpgid, 1)                                                             \
    CALL(SYS_getsid, byre_getpgid, 1)                                                              \
    CALL(SYS_getuid, byre_root, 0)                                                                 \
    CALL(SYS_geteuid, byre_root, 0)                                                                \
    CALL(SYS_getgid, byre_root, 0)                                                                 \
    CALL(SYS_getegid, byre_root, 0)                                                                \
    CALL(SYS_getgroups, byre_getgroups, 2)                                                         \
    CALL(SYS_setuid, byre_setuid, 1)                                                               \
    CALL(SYS_setgid, byre_setuid, 1)                                                               \
    CALL(SYS_setreuid, byre_setreuid, 2)                                                           \
    CALL(SYS_setregid, byre_setreuid, 2)                                                           \
    CALL(SYS_setresuid, byre_setresuid, 3)                                                         \
    CALL(SYS_setresgid, byre_setresuid, 3)                                                         \
    /* user/libc/exec.c */                                                                         \
    CALL(SYS_execve, byre_execve, 3)                                                               \
    /* user/libc/thread.c */                                                                       \
    CALL(SYS_exit, byre_exit, 1)                                                                   \
    CALL(SYS_set_tid_address, byre_set_tid_address, 1)                                             \
    CALL(SYS_futex, byre_futex, 6)                                                                 \
    /* user/libc/memory.c */                                                                       \
    CALL(SYS_brk, byre_brk, 1)                                                                     \
    CALL(SYS_mmap, byre_mmap, 6)                                                                   \
    CALL(SYS_munmap, byre_munmap, 2)                                                               \
    CALL(SYS_mprotect, byre_mprotect, 3)                                                           \
    CALL(SYS_madvise, byre_madvise, 3)                                                             \
    CALL(SYS_msync, byre_msync, 3)                                                                 \
    /* user/libc/signal.c */                                                                       \
    CALL(SYS_rt_sigaction, byre_sigaction, 4)                                                      \
    CALL(SYS_rt_sigprocmask, byre_sigprocmask, 4)                                                  \
    CALL(SYS_rt_sigpending, byre_sigpending, 2)                                                    \
    CALL(SYS_rt_sigsuspend, byre_sigsuspend, 2)                                                    \
    CALL(SYS_kill, byre_kill, 2)                                                                   \
    CALL(SYS_tkill, byre_tkill, 2)                                                                 \
    /* user/libc/time.c */                                                                         \
    CALL(SYS_clock_gettime, byre_clock_gettime, 2)                                                 \
    CALL(SYS_clock_getres, byre_clock_getres, 2)                                                   \
    CALL(SYS_clock_settime, byre_clock_settime, 2)                                                 \
    CALL(SYS_clock_nanosleep, byre_clock_nanosleep, 4)                                             \
    CALL(SYS_nanosleep, byre_nanosleep, 2)                                                         \
    CALL(SYS_times, byre_times, 1)                                                                 \
    CALL(SYS_getrusage, byre_getrusage, 2)                                                         \
    /* user/libc/system.c */                                                                       \
    CALL(SYS_uname, byre_uname, 1)                                                                 \
    CALL(SYS_sysinfo, byre_sysinfo, 1)                                                             \
    CALL(SYS_prlimit64, byre_prlimit, 4)                                                           \
    CALL(SYS_sched_getaffinity, byre_sched_getaffinity, 3)

#define BYRE_PARAMETERS_0 void
#define BYRE_PARAMETERS_1 long
#define BYRE_PARAMETERS_2 long, long
#define BYRE_PARAMETERS_3 long, long, long
#define BYRE_PARAMETERS_4 long, long, long, long
#define BYRE_PARAMETERS_5 long, long, long, long, long
#define BYRE_PARAMETERS_6 long, long, long, long, long, long

#define BYRE_ARGUMENTS_0
#define BYRE_ARGUMENTS_1 a
#define BYRE_ARGUMENTS_2 a, b
#define BYRE_ARGUMENTS_3 a, b, c
#define BYRE_ARGUMENTS_4 a, b, c, d
#define BYRE_ARGUMENTS_5 a, b, c, d, e
#define BYRE_ARGUMENTS_6 a, b, c, d, e, f

#define BYRE_CALL_DECLARATION(number, function, n) long function(BYRE_PARAMETERS_##n);
BYRE_CALLS(BYRE_CALL_DECLARATION)

/* Any call, by its number: the table, with all that is behind it.
 * returns: -ENOSYS: not served */
long byre_call(long number, long a, long b, long c, long d, long e, long f);

/* A system call without arguments, by the kernel's number (lib/abi.h tells what survives it). */
static inline long byre_call_direct(long number) {
    register long t0 __asm__("t0") = number;
    register long a0 __asm__("a0");
    __asm__ volatile("ecall"
                     : "+r"(t0), "=r"(a0)
                     :
                     : "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t1", "t2", "t3", "t4", "t5", "t6",
                       "memory");
    return a0;
}

/* As byre_call, for a number that is a constant: what is left of this switch is one call. */
static inline __attribute__((always_inline)) long byre_call_known(long number, long a, long b,
                                                                  long c, long d, long e, long f) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    switch (number) {
#define BYRE_CALL_DIRECT_CASE(number, own)                                                         \
    case number:                                                                                   \
        return byre_call_direct(own);
        BYRE_DIRECT_CALLS(BYRE_CALL_DIRECT_CASE)
#define BYRE_CALL_CASE(number, function, n)                                                        \
    case number:                                                                                   \
        return function(BYRE_ARGUMENTS_##n);
        BYRE_CALLS(BYRE_CALL_CASE)
    default:
        return -38; /* ENOSYS, which has no name in every file that includes this */
    }
}
