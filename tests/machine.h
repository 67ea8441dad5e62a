/* What a test of mm/ runs on. On the build machine (tests/host/machine.c): a fake memory, and harts
 * whose TLBs keep a translation until a fence ends it, so a missing fence is seen for certain. In
 * the kernel (tests/kernel/machine.c): the machine's own memory, and accesses by walking. */
#pragma once

#include "mm/aspace.h"
#include "mm/fault.h"

#define FAKE_HARTS 3

/* Start over, where there is anything to start over. */
void machine_reset(void);

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

/* On the build machine only. A hart may translate ahead of its program: let each fill its TLB with
 * what it could find for the page now. And all translations that harts may use now. */
void machine_fill_tlbs(vaddr_t page);
void machine_visit_translations(void (*visit)(int hart, pte_t entry));
