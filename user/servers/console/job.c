/* Handles of processes, in the order in which they end. */
#include "user/servers/console/job.h"

#include "byre/syscall.h"
#include "lib/errno.h"
#include "user/runtime/memory.h"

#define SIGNAL_INTERRUPT 2

struct member {
    struct member *next;
    long place;
    int process;
};

static struct member *members;
static size_t nmembers;
static bool interrupted; /* the shell has not heard of it */

bool job_exists(void) { return members; }

/* Signal 0 ends nobody: it tells whether this is a process. */
int job_add(int process, long place) {
    if (process < 0 || sys_process_kill(process, 0) == -EBADF)
        return -EBADF;
    struct member *member = nmembers < JOB_PROCESSES_MAX ? block_alloc(sizeof *member) : NULL;
    if (!member)
        return -ENOMEM;
    struct member **link = &members;
    while (*link && (*link)->place > place)
        link = &(*link)->next;
    *member = (struct member){.next = *link, .place = place, .process = process};
    *link = member;
    nmembers++;
    if (interrupted)
        (void)sys_process_kill(process, SIGNAL_INTERRUPT);
    return 0;
}

void job_interrupt(void) {
    interrupted = true;
    for (struct member *member = members; member; member = member->next)
        (void)sys_process_kill(member->process, SIGNAL_INTERRUPT);
}

bool job_end(void) {
    bool told = interrupted;
    interrupted = false;
    while (members) {
        struct member *member = members;
        members = member->next;
        (void)sys_handle_close(member->process);
        block_free(member);
    }
    nmembers = 0;
    return told;
}

/* While there is a job, Ctrl-C is for those that will still join it. */
bool job_interrupt_take(void) {
    bool taken = interrupted && !members;
    if (taken)
        interrupted = false;
    return taken;
}
