/* The fake machine under mm/: a memory, and harts whose TLBs keep a translation until a fence
 * ends it, always. So a test sees a missing fence for certain. */
#pragma once

#include "mm/aspace.h"
#include "mm/fault.h"

#define FAKE_HARTS 2
#define FAKE_FRAMES 4096

/* Start over with this many free frames. */
void machine_reset(size_t nframes);

/* Let a hart run in an address space; NULL: in none. Loading flushes its TLB. */
void hart_run(int hart, struct aspace *as);

/* A load or store by user code on a hart: through its TLB, with page faults going to vm_fault.
 * => 0, or what vm_fault said; -ELOOP when faults do not end */
int hart_load(int hart, vaddr_t va, unsigned char *value);
int hart_store(int hart, vaddr_t va, unsigned char value);

/* How many fences were done since machine_reset. */
extern size_t machine_fences;
