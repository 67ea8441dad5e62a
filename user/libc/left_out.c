/* What is left out, said when a program is linked: docs/posix.md, "Left out", tells why.
 *
 * Each name is there, weak, and needs a symbol that nobody has. So a program that calls alarm gets
 *     undefined reference to `alarm_is_left_out_of_byre_see_docs_posix_md'
 * and not a binary that fails when it runs. Sections are thrown away one by one, so names that a
 * program does not call are not missed. */

#define LEFT_OUT(name)                                                                             \
    void name##_is_left_out_of_byre_see_docs_posix_md(void);                                       \
    __attribute__((weak)) void name(void);                                                         \
    void name(void) { name##_is_left_out_of_byre_see_docs_posix_md(); }

/* Signals from elsewhere, timers */
LEFT_OUT(alarm)
LEFT_OUT(clock_nanosleep)
LEFT_OUT(getitimer)
LEFT_OUT(setitimer)
LEFT_OUT(siginterrupt)
LEFT_OUT(sigaltstack)
LEFT_OUT(sigqueue)
LEFT_OUT(sigtimedwait)
LEFT_OUT(sigwait)
LEFT_OUT(sigwaitinfo)
LEFT_OUT(timer_create)
LEFT_OUT(ualarm)

/* Threads: what needs signals from elsewhere, and what conditions do as well */
LEFT_OUT(pthread_cancel)
LEFT_OUT(pthread_kill)
LEFT_OUT(pthread_setschedparam)
LEFT_OUT(pthread_spin_lock)
LEFT_OUT(sem_init)
LEFT_OUT(sem_open)
LEFT_OUT(sem_post)
LEFT_OUT(sem_wait)

/* Process groups, sessions, terminals */
LEFT_OUT(getpgid)
LEFT_OUT(getpgrp)
LEFT_OUT(getsid)
LEFT_OUT(killpg)
LEFT_OUT(setpgrp)
LEFT_OUT(setpgid)
LEFT_OUT(setsid)
LEFT_OUT(tcgetattr)
LEFT_OUT(tcgetpgrp)
LEFT_OUT(tcsetattr)
LEFT_OUT(tcsetpgrp)
LEFT_OUT(ttyname)

/* Waiting for several files */
LEFT_OUT(poll)
LEFT_OUT(pselect)
LEFT_OUT(select)

/* Files that are neither files nor directories, times, locks, paths from a descriptor */
LEFT_OUT(chroot)
LEFT_OUT(faccessat)
LEFT_OUT(fchmodat)
LEFT_OUT(fexecve)
LEFT_OUT(flock)
LEFT_OUT(fstatat)
LEFT_OUT(fstatvfs)
LEFT_OUT(futimens)
LEFT_OUT(linkat)
LEFT_OUT(lockf)
LEFT_OUT(mkdirat)
LEFT_OUT(mkfifo)
LEFT_OUT(mknod)
LEFT_OUT(openat)
LEFT_OUT(readlinkat)
LEFT_OUT(renameat)
LEFT_OUT(statvfs)
LEFT_OUT(symlink)
LEFT_OUT(symlinkat)
LEFT_OUT(unlinkat)
LEFT_OUT(utime)
LEFT_OUT(utimensat)
LEFT_OUT(utimes)

/* Lists of users, limits */
LEFT_OUT(getgrent)
LEFT_OUT(getpriority)
LEFT_OUT(getpwent)
LEFT_OUT(getrlimit)
LEFT_OUT(nice)
LEFT_OUT(setrlimit)
LEFT_OUT(setpriority)

/* Memory that has a name or stays */
LEFT_OUT(mlock)
LEFT_OUT(mlockall)
LEFT_OUT(shm_open)
LEFT_OUT(shm_unlink)

/* Networks */
LEFT_OUT(accept)
LEFT_OUT(bind)
LEFT_OUT(connect)
LEFT_OUT(getaddrinfo)
LEFT_OUT(listen)
LEFT_OUT(recv)
LEFT_OUT(send)
LEFT_OUT(socket)
LEFT_OUT(socketpair)

/* Programs loaded or started in other ways; conveniences over what there is */
LEFT_OUT(alphasort)
LEFT_OUT(confstr)
LEFT_OUT(crypt)
LEFT_OUT(dlopen)
LEFT_OUT(fmemopen)
LEFT_OUT(ftw)
LEFT_OUT(getopt_long_only)
LEFT_OUT(glob)
LEFT_OUT(globfree)
LEFT_OUT(nftw)
LEFT_OUT(open_memstream)
LEFT_OUT(posix_spawn)
LEFT_OUT(posix_spawnp)
LEFT_OUT(scandir)
LEFT_OUT(wordexp)
LEFT_OUT(wait3)
LEFT_OUT(wait4)

/* Streams and formats of wide characters; multibyte strings and wide strings are there */
LEFT_OUT(fgetwc)
LEFT_OUT(fgetws)
LEFT_OUT(fputwc)
LEFT_OUT(fputws)
LEFT_OUT(fwprintf)
LEFT_OUT(getwchar)
LEFT_OUT(putwchar)
LEFT_OUT(swprintf)
LEFT_OUT(swscanf)
LEFT_OUT(wprintf)
