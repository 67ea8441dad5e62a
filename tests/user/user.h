/* What the suites in user mode share: children as test bodies, and numbers about memory.
 *
 * A check that fails in a child is printed there, and tells the parent by the child's exit status:
 * so every child is waited for, and its status is checked. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byre/syscall.h"
#include "lib/types.h"
#include "tests/check.h"

/* What this program runs, ended by NULL; it supplies them. */
extern const struct test *const suites[];

#define STATUS_EXITED(code) ((code) << 8)

typedef void child_body(long argument);

/* Run `body` in a child that exits with 0, or with 1 when a check failed in it. => its pid, or -1
 */
int child_start(child_body *body, long argument);

/* => the wait status of this child; -1: there is none */
int child_wait(int pid);

/* Let others run until this process waits: for a message, a reply, a child or the clock. */
void process_wait_blocked(int pid);

/* Both. => the wait status */
int child_run(child_body *body, long argument);

struct memory_info memory_now(void);
size_t frames_free(void);

/* => how many rules about memory the kernel finds broken; 0 in release builds, which do not look */
static inline long audit(void) {
    long violations = sys_audit();
    return violations == -ENOSYS ? 0 : violations;
}

/* Fresh private pages, or with MAP_SHARE shared ones. => NULL: no memory, and a check failed */
char *pages_map(size_t npages, unsigned flags);
void pages_unmap(void *pages, size_t npages);

/* One value a page, and whether they are all still there. */
void pages_fill(char *pages, size_t npages, int value);
bool pages_hold(const char *pages, size_t npages, int value);

/* Take memory until no more than so many frames are free. => how many pages hold 100, 101... */
size_t memory_eat(size_t nframes, char **taken);

/* A child that takes all memory but so many frames, and stays until eater_end. What this process
 * has of data, heap and stack stays its own (byre/memory.h), so that it can go on. Further children
 * are to be made by fork: it may fail. */
int eater_start(long nframes);
void eater_end(int eater);

/* A number that is another one when a region of this process is. */
unsigned long regions_sum(void);

/* What page_info says of one page of a process. */
struct page_info page_of(int pid, const void *address);

/* A place where processes wait for an event: they block in gate_wait until gate_open. Made before
 * the fork; each side that does not wait keeps it open until it calls gate_open. */
struct gate {
    int ends[2];
};
void gate_make(struct gate *gate);
void gate_wait(struct gate *gate);
void gate_open(struct gate *gate);

/* Wait until the processes that this one descends from and the servers are the only others, and
 * the servers have heard of every session that was closed. => false: some process stays */
bool machine_settle(void);

/* The second part alone: the servers have heard. */
void servers_settle(void);

/* Let the others run until each of them waits: now nobody else faults, and takes or frees frames.
 */
void others_wait(void);
