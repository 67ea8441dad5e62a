/* The platform-level interrupt controller (RISC-V PLIC Specification 1.0). */
#pragma once

#include "lib/types.h"

#define PLIC_SOURCE_MAX 1023

/* The registers are at physical address `base`; 0: there is no controller, and no source. */
void plic_init(paddr_t base);

/* Take interrupts for this supervisor context, of any priority above 0. */
void plic_context_init(uint32_t context);

/* Let the source interrupt the context, or no longer. */
void plic_enable(uint32_t context, uint32_t source);
void plic_disable(uint32_t context, uint32_t source);

/* The source that interrupts, which then stays silent until it is completed; 0: none. */
uint32_t plic_claim(uint32_t context);

/* => source from plic_claim of the same context, and still enabled there */
void plic_complete(uint32_t context, uint32_t source);
