/* The registers of a fake hart that proc/ and trap/ use: tests/interleave/kernel.c. */
#pragma once

#include "lib/types.h"

#define csr_read(name) machine_csr_##name()
#define csr_write(name, value) ((void)(value))

uint64_t machine_csr_time(void);
uint64_t machine_csr_sip(void); /* interrupts that are pending */
uint64_t machine_csr_sie(void);
uint64_t machine_csr_scause(void);
uint64_t machine_csr_stval(void);

void *tp_read(void);
void tp_write(void *tp);
void wait_for_interrupt(void);
