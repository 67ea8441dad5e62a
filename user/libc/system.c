/* What a program can ask of the system as a whole. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/libc/service.h"

#define TICKS_PER_SECOND 100
#define ATEXIT_HANDLERS 32 /* picolibc's */

int uname(struct utsname *name) {
    *name = (struct utsname){"Byre", "byre", "1", "1", "riscv64"};
    return 0;
}

int gethostname(char *name, size_t nbytes) {
    struct utsname system;
    (void)uname(&system);
    if (strlen(system.nodename) >= nbytes)
        return (int)service_result(-ENAMETOOLONG);
    strcpy(name, system.nodename);
    return 0;
}

static long memory_pages(int name) {
    struct memory_info memory;
    long error = sys_memory_info(&memory);
    if (error < 0)
        return service_result(error);
    return (long)(name == _SC_PHYS_PAGES ? memory.frames_total : memory.frames_free);
}

static long harts_count(void) {
    struct hart_info hart;
    long n = 0;
    for (unsigned i = 0; sys_hart_info(i, &hart) >= 0; i++)
        n += hart.started;
    return n;
}

/* -1 with errno as it was: there is no limit, or the option is not there. */
long sysconf(int name) {
    switch (name) {
    case _SC_PAGESIZE:
        return USER_PAGE_SIZE;
    case _SC_ARG_MAX:
        return ARG_MAX;
    case _SC_OPEN_MAX:
        return OPEN_MAX;
    case _SC_CLK_TCK:
        return TICKS_PER_SECOND;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return harts_count();
    case _SC_PHYS_PAGES:
    case _SC_AVPHYS_PAGES:
        return memory_pages(name);
    case _SC_VERSION:
        return _POSIX_VERSION;
    case _SC_NGROUPS_MAX:
        return NGROUPS_MAX;
    case _SC_ATEXIT_MAX:
        return ATEXIT_HANDLERS;
    case _SC_IOV_MAX:
        return IOV_MAX;
    case _SC_LINE_MAX:
        return LINE_MAX;
    case _SC_HOST_NAME_MAX:
        return (long)sizeof(((struct utsname *)0)->nodename) - 1;
    case _SC_MONOTONIC_CLOCK:
    case _SC_TIMERS:
    case _SC_FSYNC:
    case _SC_MEMORY_PROTECTION:
    case _SC_THREADS:
    case _SC_BARRIERS:
    case _SC_READER_WRITER_LOCKS:
    case _SC_CLOCK_SELECTION:
    case _SC_TIMEOUTS:
        return _POSIX_VERSION;
    case _SC_THREAD_STACK_MIN:
        return PTHREAD_STACK_MIN;
    case _SC_THREAD_KEYS_MAX:
        return PTHREAD_KEYS_MAX;
    case _SC_THREAD_DESTRUCTOR_ITERATIONS:
        return PTHREAD_DESTRUCTOR_ITERATIONS;
    case _SC_CHILD_MAX:
    case _SC_JOB_CONTROL:
    case _SC_THREAD_THREADS_MAX:
    case _SC_MAPPED_FILES:
        return -1;
    default:
        return service_result(-EINVAL);
    }
}

/* Of every file the same. */
static long limit(int name) {
    switch (name) {
    case _PC_NAME_MAX:
        return NAME_MAX;
    case _PC_PATH_MAX:
        return PATH_MAX;
    case _PC_PIPE_BUF:
        return PIPE_BUF;
    case _PC_LINK_MAX:
        return LINK_MAX;
    case _PC_NO_TRUNC:
        return 1;
    default:
        return service_result(-EINVAL);
    }
}

long pathconf(const char *path, int name) { return access(path, F_OK) < 0 ? -1 : limit(name); }

long fpathconf(int file, int name) { return fsync(file) < 0 ? -1 : limit(name); }

int getpagesize(void) { return USER_PAGE_SIZE; }
