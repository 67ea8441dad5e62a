/* The device tree: what the machine is (Devicetree Specification 0.4).
 *
 * The tree is input like any other: every offset and length in it is checked, and a broken tree is
 * an error, not a crash. */
#pragma once

#include "lib/types.h"

#define RAM_RANGES_MAX 8 /* more than any tree of QEMU's lists; the rest is reported and unused */

struct hart_description {
    uint32_t id;           /* of the SBI, not always 0, 1, 2... */
    uint32_t plic_context; /* its supervisor context at the PLIC; PLIC_NO_CONTEXT: none */
    bool has_sstc;         /* it has a timer of the supervisor's own */
    bool has_fp;           /* floating point, single and double */
};
#define PLIC_NO_CONTEXT UINT32_MAX

struct machine {
    struct range ram[RAM_RANGES_MAX];
    size_t nram;
    size_t nram_ignored;
    struct range tree;   /* where the tree itself lies */
    struct range initrd; /* empty: there is none */
    struct range uart;   /* empty: none that we know */
    uint32_t uart_interrupt;
    struct range plic;
    paddr_t test_device; /* 0: none */
    uint32_t timebase;   /* Hz */
    struct hart_description harts[HARTS_MAX];
    size_t nharts; /* those that are described */
    size_t nharts_ignored;
    char bootargs[1024];
};

/* Read the tree at physical address `tree`, which the kernel reaches at `bytes`. The boot hart is
 * among the harts described, however many there are.
 * => 0; -EINVAL: no tree, or a broken one; -ENOENT: it tells of no RAM */
must_check int fdt_read(paddr_t tree, const void *bytes, uint32_t boot_hart,
                        struct machine *machine);
