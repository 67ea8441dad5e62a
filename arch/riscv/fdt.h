/* The device tree: what the machine is (Devicetree Specification 0.4).
 *
 * The tree is input like any other: every offset and length in it is checked, and a broken tree is
 * an error, not a crash. */
#pragma once

#include "lib/types.h"

struct range {
    paddr_t start;
    paddr_t end;
};

#define RAM_RANGES_MAX 8 /* more than any tree of QEMU's lists; the rest is reported and unused */

struct machine {
    struct range ram[RAM_RANGES_MAX];
    size_t nram;
    size_t nram_ignored;
    struct range tree;   /* where the tree itself lies */
    struct range initrd; /* empty: there is none */
    paddr_t uart;        /* 0: none */
    paddr_t plic;
    paddr_t test_device;
    uint32_t timebase; /* Hz */
    size_t nharts;
    char bootargs[1024];
};

/* Read the tree at physical address `tree`, which the kernel reaches at `bytes`.
 * => 0; -EINVAL: no tree, or a broken one; -ENOENT: it tells of no RAM */
must_check int fdt_read(paddr_t tree, const void *bytes, struct machine *machine);
