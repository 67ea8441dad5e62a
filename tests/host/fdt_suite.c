/* The device tree as hostile input: a real tree read right, then bytes changed and ends cut off.
 *
 * usage: fdt_suite TREE. Under the sanitizers a read outside the tree's memory ends the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/riscv/fdt.h"
#include "lib/errno.h"

#define ROUNDS 20000
#define TREE_MAX (1024 * 1024) /* what fdt_read takes at the most */
#define TREE_ADDRESS UINT64_C(0x87e00000)

static int failures;

static void expect(const char *what, unsigned long expected, unsigned long found) {
    if (expected == found)
        return;
    printf("  %s: expected %#lx, found %#lx\n", what, expected, found);
    failures++;
}

/* The tree in memory as large as it claims to be, and not a byte more. */
static unsigned char *placed(const unsigned char *tree, size_t nbytes) {
    size_t claimed = (size_t)tree[4] << 24 | (size_t)tree[5] << 16 | (size_t)tree[6] << 8 | tree[7];
    size_t size = claimed > TREE_MAX || claimed < 40 ? 40 : claimed;
    unsigned char *copy = calloc(1, size);
    memcpy(copy, tree, nbytes < size ? nbytes : size);
    return copy;
}

static int read_booted_by(uint32_t hart, const unsigned char *tree, size_t nbytes,
                          struct machine *machine) {
    unsigned char *copy = placed(tree, nbytes);
    int error = fdt_read(TREE_ADDRESS, copy, hart, machine);
    free(copy);
    return error;
}

static int read_placed(const unsigned char *tree, size_t nbytes, struct machine *machine) {
    return read_booted_by(0, tree, nbytes, machine);
}

static void reads_a_real_tree(const unsigned char *tree, size_t nbytes) {
    struct machine machine;
    expect("result", 0, (unsigned long)read_placed(tree, nbytes, &machine));
    expect("ranges of RAM", 1, machine.nram);
    expect("start of RAM", 0x80000000, machine.ram[0].start);
    expect("end of RAM", 0x80000000 + (128 << 20), machine.ram[0].end);
    expect("UART", 0x10000000, machine.uart.start);
    expect("UART's interrupt", 10, machine.uart_interrupt);
    expect("PLIC", 0x0c000000, machine.plic.start);
    expect("test device", 0x00100000, machine.test_device);
    expect("timebase", 10000000, machine.timebase);
    expect("harts", 2, machine.nharts);
    expect("context of hart 1", 3, machine.harts[1].plic_context);
    expect("Sstc", 1, machine.harts[0].has_sstc);
    expect("floating point", 1, machine.harts[0].has_fp);
    expect("boot arguments", 0, (unsigned long)strcmp(machine.bootargs, "one two"));
}

/* More harts than there is room for: the one that boots is described, whichever it is. */
static void describes_the_boot_hart(const unsigned char *tree, size_t nbytes, uint32_t nharts) {
    struct machine machine;
    for (uint32_t boot = 0; boot < nharts; boot++) {
        unsigned long found = 0;
        expect("result", 0, (unsigned long)read_booted_by(boot, tree, nbytes, &machine));
        expect("harts", HARTS_MAX, machine.nharts);
        expect("more harts", nharts - HARTS_MAX, machine.nharts_ignored);
        for (size_t i = 0; i < machine.nharts; i++)
            found += machine.harts[i].id == boot && machine.harts[i].plic_context == 2 * boot + 1;
        expect("the boot hart", 1, found);
    }
}

static void survives_changes(const unsigned char *tree, size_t nbytes) {
    unsigned char *changed = malloc(nbytes);
    struct machine machine;
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(changed, tree, nbytes);
        for (int i = 0; i < 1 + round % 4; i++)
            changed[(size_t)rand() % nbytes] = (unsigned char)rand();
        int error = read_placed(changed, nbytes, &machine);
        if (error != 0 && error != -EINVAL && error != -ENOENT)
            expect("result", 0, (unsigned long)error);
    }
    free(changed);
}

/* A tree that was cut off: the structure ends early, by its own header too. */
static void survives_cuts(const unsigned char *tree, size_t nbytes) {
    unsigned char *cut = malloc(nbytes);
    struct machine machine;
    memcpy(cut, tree, nbytes);
    for (size_t length = 40; length < nbytes; length++) {
        cut[4] = 0, cut[5] = 0;
        cut[6] = (unsigned char)(length >> 8), cut[7] = (unsigned char)length;
        expect("result of a cut tree", (unsigned long)-EINVAL,
               (unsigned long)read_placed(cut, length, &machine));
    }
    free(cut);
}

static size_t tree_load(const char *path, unsigned char *tree) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "fdt_suite: %s cannot be read\n", path);
        exit(2);
    }
    fread(tree, 1, TREE_MAX, file);
    fclose(file);
    return (size_t)tree[4] << 24 | (size_t)tree[5] << 16 | (size_t)tree[6] << 8 | tree[7];
}

int main(int argc, char **argv) {
    static unsigned char tree[TREE_MAX];
    if (argc != 4) {
        fprintf(stderr,
                "usage: fdt_suite TREE TREE_OF_N_HARTS N (qemu -machine virt,dumpdtb=TREE)\n");
        return 2;
    }
    size_t nbytes = tree_load(argv[2], tree);
    describes_the_boot_hart(tree, nbytes, (uint32_t)atoi(argv[3]));
    nbytes = tree_load(argv[1], tree);
    srand(20260101);
    reads_a_real_tree(tree, nbytes);
    survives_changes(tree, nbytes);
    survives_cuts(tree, nbytes);
    printf("%s: device tree\n", failures ? "FAIL" : "PASS");
    return failures != 0;
}
