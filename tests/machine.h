/* What a test of mm/ runs on. On the build machine (tests/host/machine.c): a fake memory, and harts
 * whose TLBs keep a translation until a fence ends it, so a missing fence is seen for certain. In
 * the kernel (tests/kernel/machine.c): the machine's own memory, and accesses by walking. */
#pragma once

#include "mm/aspace.h"
#include "mm/fault.h"

#define FAKE_HARTS 3

/* Start over, where there is anything to start over. */
void machine_reset(void);

/* The same with RAM elsewhere, and other than machine_nframes frames; half of them are free. On
 * the build machine only. */
void machine_reset_at(paddr_t ram_start, size_t nframes);
extern size_t machine_nframes; /* at most MACHINE_FRAMES_MAX */
#define MACHINE_FRAMES_MAX 4096

/* Tell what the test does now. A failure shows the last ones. In the kernel: nothing. */
void machine_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A short name for an address space: A, B, ... in the order in which they were made. */
const char *space_name(const struct aspace *as);

/* A call of the kernel has returned: what harts may still do is held against what the entries say.
 * Calls that tests/host/watch.c knows do this by themselves. On the build machine only. */
void machine_settled(void);

/* A rule is broken: the test ends here and has failed. On the build machine only. */
_Noreturn void machine_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How a program of tests ends before its end; set by who runs it. status: as exit, 1 a failure, 2
 * a panic. */
extern void (*machine_end)(int status) __attribute__((noreturn));

/* Let a hart run in an address space; NULL: in none. Loading flushes its TLB. */
void hart_run(int hart, struct aspace *as);

/* The address space that the hart runs in. */
struct aspace *hart_space(int hart);

/* What the hardware does for one access: *address when a translation allows it, else false. */
bool hart_translate(int hart, vaddr_t va, enum access access, paddr_t *address);

/* tests/run.c: a load or store by user code on a hart: through its TLB, with page faults going to
 * vm_fault.
 * => 0, or what vm_fault said; -ELOOP when faults do not end */
int hart_load(int hart, vaddr_t va, unsigned char *value);
int hart_store(int hart, vaddr_t va, unsigned char value);

/* How many fences were done since machine_reset: on the build machine only. */
extern size_t machine_fences;

/* What other harts do while a fence is on its way: called before translations end. On the build
 * machine only; machine_reset clears it. */
extern void (*machine_at_fence)(void);

/* What looks on at every yield point where no explorer decides (tests/host/watch.c); NULL: nothing.
 * Set before machine_reset. */
extern void (*machine_watcher)(const char *where, const _Atomic uint32_t *waits_for);

/* The hardware's walk now: the leaf entry for `va`, or 0. On the build machine only. */
pte_t machine_walk(const struct aspace *as, vaddr_t va);

/* On the build machine only. A hart may translate ahead of its program: let each fill its TLB with
 * what it could find for the page now. And all translations that harts may use now. */
void machine_fill_tlbs(vaddr_t page);
void machine_visit_translations(void (*visit)(int hart, vaddr_t page, pte_t entry));

/* On the build machine only: what the hart fetches as text at this physical address, the first byte
 * of a frame. Its instruction cache forgets nothing until it passes a fence for it. */
unsigned char machine_fetch(int hart, paddr_t address);
