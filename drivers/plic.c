/* The platform-level interrupt controller. Every source has the same priority here. */
#include "drivers/plic.h"

#include "arch/riscv/csr.h"

#define ENABLES 0x2000    /* a bit a source, 0x80 bytes a context */
#define CONTEXTS 0x200000 /* 0x1000 bytes a context: threshold, claim */

static volatile char *plic;

static volatile uint32_t *plic_register(size_t offset) {
    return (volatile uint32_t *)(plic + offset);
}

static volatile uint32_t *plic_enables(uint32_t context, uint32_t source) {
    return plic_register(ENABLES + 0x80 * (size_t)context + 4 * (size_t)(source / 32));
}

static volatile uint32_t *plic_claims(uint32_t context) {
    return plic_register(CONTEXTS + 0x1000 * (size_t)context + 4);
}

void plic_init(paddr_t base) { plic = base ? (volatile char *)(base + KERNEL_OFFSET) : NULL; }

void plic_context_init(uint32_t context) {
    if (plic)
        *plic_register(CONTEXTS + 0x1000 * (size_t)context) = 0;
}

void plic_enable(uint32_t context, uint32_t source) {
    if (!plic)
        return;
    *plic_register(4 * (size_t)source) = 1;
    *plic_enables(context, source) |= UINT32_C(1) << source % 32;
}

void plic_disable(uint32_t context, uint32_t source) {
    if (plic)
        *plic_enables(context, source) &= ~(UINT32_C(1) << source % 32);
}

uint32_t plic_claim(uint32_t context) { return plic ? *plic_claims(context) : 0; }

void plic_complete(uint32_t context, uint32_t source) {
    if (plic)
        *plic_claims(context) = source;
}
