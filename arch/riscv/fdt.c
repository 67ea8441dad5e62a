/* The device tree: one walk over its tokens, with the cell sizes of each level kept on a small
 * stack, and a table of the properties that matter. */
#include "arch/riscv/fdt.h"

#include "lib/errno.h"
#include "lib/string.h"

#define FDT_MAGIC 0xd00dfeed
#define FDT_SIZE_MAX (1024 * 1024)
#define FDT_DEPTH_MAX 16
#define RAM_END_MAX ((paddr_t)1 << 38) /* as far as the kernel half of Sv39 reaches */

enum { TOKEN_BEGIN = 1, TOKEN_END = 2, TOKEN_PROPERTY = 3, TOKEN_NOP = 4, TOKEN_STOP = 9 };

struct level {
    uint32_t address_cells; /* of this node's children */
    uint32_t size_cells;
    const char *name;
    const char *compatible; /* first string; NULL: none */
    const char *isa;        /* riscv,isa */
    struct range registers; /* the first of `reg` */
    uint32_t phandle;
    uint32_t interrupt;  /* the first of `interrupts` */
    uint32_t controller; /* a cpu's: the phandle of the interrupt controller inside it */
};

/* Where an interrupt controller's wires go: pairs of phandle and cause, a pair a context. */
struct wires {
    const unsigned char *pairs;
    uint32_t nbytes;
};

#define CAUSE_EXTERNAL 9 /* supervisor external interrupt */

struct walk {
    const unsigned char *structure;
    uint32_t structure_bytes;
    const char *strings;
    uint32_t strings_bytes;
    uint32_t position;
    int depth;
    struct level levels[FDT_DEPTH_MAX];
    uint32_t controllers[HARTS_MAX]; /* the phandle of each hart's own controller */
    struct wires last_wires;         /* the last that were met */
    struct wires plic_wires;
    uint32_t boot_hart;
    struct machine *machine;
};

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint64_t read_cells(const unsigned char *bytes, uint32_t ncells) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < ncells; i++)
        value = value << 32 | big_endian(bytes + (size_t)4 * i);
    return value;
}

static bool string_contains(const char *text, const char *part) {
    for (; *text; text++)
        if (string_starts_with(text, part))
            return true;
    return false;
}

/* A string that ends within the bytes that are there. */
static bool string_ends(const void *text, uint32_t nbytes) {
    for (uint32_t i = 0; i < nbytes; i++)
        if (((const char *)text)[i] == 0)
            return true;
    return false;
}

/* Whole pages only, and only what the kernel's map can reach. */
static void add_ram(struct machine *machine, struct range range) {
    range.end = page_round_down(min_u64(range.end, RAM_END_MAX));
    range.start = range.start < RAM_END_MAX ? page_round_up(range.start) : RAM_END_MAX;
    if (range.end <= range.start)
        return;
    if (machine->nram < RAM_RANGES_MAX)
        machine->ram[machine->nram++] = range;
    else
        machine->nram_ignored++;
}

/* `reg`: addresses and sizes in the cells that the parent states. */
static void property_registers(struct walk *walk, const unsigned char *value, uint32_t nbytes) {
    struct level *level = &walk->levels[walk->depth];
    const struct level *parent = &walk->levels[walk->depth - 1];
    uint32_t step = 4 * (parent->address_cells + parent->size_cells);
    bool memory = string_starts_with(level->name, "memory@");
    if (parent->address_cells > 2 || parent->size_cells > 2 || step == 0)
        return;
    for (uint32_t at = 0; at + step <= nbytes; at += step) {
        paddr_t start = read_cells(value + at, parent->address_cells);
        uint64_t size =
            read_cells(value + at + (size_t)4 * parent->address_cells, parent->size_cells);
        struct range range = {start, start + size};
        if (at == 0)
            level->registers = range;
        if (memory)
            add_ram(walk->machine, range);
    }
}

static void property_of_chosen(struct machine *machine, const char *name,
                               const unsigned char *value, uint32_t nbytes) {
    uint32_t ncells = nbytes / 4; /* one or two: it differs between versions of QEMU */
    if (string_equal(name, "bootargs") && string_ends(value, nbytes))
        string_copy(machine->bootargs, sizeof machine->bootargs, (const char *)value);
    else if (string_equal(name, "linux,initrd-start") && ncells <= 2)
        machine->initrd.start = read_cells(value, ncells);
    else if (string_equal(name, "linux,initrd-end") && ncells <= 2)
        machine->initrd.end = read_cells(value, ncells);
}

static void property(struct walk *walk, const char *name, const unsigned char *value,
                     uint32_t nbytes) {
    struct level *level = &walk->levels[walk->depth];
    if (string_equal(name, "#address-cells") && nbytes == 4)
        level->address_cells = big_endian(value);
    else if (string_equal(name, "#size-cells") && nbytes == 4)
        level->size_cells = big_endian(value);
    else if (string_equal(name, "compatible") && string_ends(value, nbytes))
        level->compatible = (const char *)value;
    else if (string_equal(name, "riscv,isa") && string_ends(value, nbytes))
        level->isa = (const char *)value;
    else if (string_equal(name, "phandle") && nbytes == 4)
        level->phandle = big_endian(value);
    else if (string_equal(name, "interrupts") && nbytes >= 4)
        level->interrupt = big_endian(value);
    else if (string_equal(name, "interrupts-extended"))
        walk->last_wires = (struct wires){value, nbytes};
    else if (string_equal(name, "timebase-frequency") && nbytes == 4)
        walk->machine->timebase = big_endian(value);
    else if (string_equal(name, "reg") && walk->depth > 0)
        property_registers(walk, value, nbytes);
    else if (string_equal(level->name, "chosen"))
        property_of_chosen(walk->machine, name, value, nbytes);
}

/* A single-letter extension: these stand before the first underscore. `g` has f and d in it. */
static bool isa_has(const char *isa, char letter) {
    for (; *isa && *isa != '_'; isa++)
        if (*isa == letter || *isa == 'g')
            return true;
    return false;
}

/* With more harts than there is room for, the boot hart takes the place of another. */
static void hart_add(struct walk *walk, const struct level *level) {
    struct machine *machine = walk->machine;
    uint32_t id = (uint32_t)level->registers.start;
    size_t place = machine->nharts;
    if (place < HARTS_MAX) {
        machine->nharts++;
    } else {
        machine->nharts_ignored++;
        if (id != walk->boot_hart)
            return;
        place = HARTS_MAX - 1;
    }
    walk->controllers[place] = level->controller;
    machine->harts[place] = (struct hart_description){
        .id = id,
        .plic_context = PLIC_NO_CONTEXT,
        .has_sstc = level->isa && string_contains(level->isa, "_sstc"),
        .has_fp = level->isa && isa_has(level->isa, 'f') && isa_has(level->isa, 'd')};
}

/* A node is complete: is it a device that the kernel knows? */
static void node_end(struct walk *walk) {
    const struct level *level = &walk->levels[walk->depth];
    struct machine *machine = walk->machine;
    const char *compatible = level->compatible;
    if (string_starts_with(level->name, "cpu@"))
        hart_add(walk, level);
    if (!compatible)
        return;
    if (string_equal(compatible, "riscv,cpu-intc") && walk->depth > 0) {
        walk->levels[walk->depth - 1].controller = level->phandle;
    } else if (string_equal(compatible, "ns16550a")) {
        machine->uart = level->registers;
        machine->uart_interrupt = level->interrupt;
    } else if (string_equal(compatible, "sifive,plic-1.0.0") ||
               string_equal(compatible, "riscv,plic0")) {
        machine->plic = level->registers;
        walk->plic_wires = walk->last_wires;
    } else if (string_equal(compatible, "sifive,test1") ||
               string_equal(compatible, "sifive,test0")) {
        machine->test_device = level->registers.start;
    }
}

/* Which context of the PLIC is which hart's: known when both were met, in whatever order. */
static void contexts_resolve(struct walk *walk) {
    const struct wires *wires = &walk->plic_wires;
    for (uint32_t context = 0; context < wires->nbytes / 8; context++) {
        const unsigned char *pair = wires->pairs + (size_t)context * 8;
        for (size_t i = 0; i < walk->machine->nharts; i++)
            if (walk->controllers[i] == big_endian(pair) && big_endian(pair + 4) == CAUSE_EXTERNAL)
                walk->machine->harts[i].plic_context = context;
    }
}

static uint32_t bytes_left(const struct walk *walk) {
    return walk->structure_bytes - walk->position;
}

/* Step over n bytes, padded to 4. => false: they are not all there */
static bool skip(struct walk *walk, uint32_t n) {
    if (n > bytes_left(walk) || ((n + 3) & ~3u) > bytes_left(walk))
        return false;
    walk->position += (n + 3) & ~3u;
    return true;
}

static int token_begin(struct walk *walk) {
    const char *name = (const char *)walk->structure + walk->position;
    if (!string_ends(name, bytes_left(walk)) || walk->depth + 1 >= FDT_DEPTH_MAX)
        return -EINVAL;
    /* Two address cells and one size cell, where a node does not say (2.3.5). */
    walk->levels[++walk->depth] = (struct level){.address_cells = 2, .size_cells = 1, .name = name};
    return skip(walk, (uint32_t)string_length(name) + 1) ? 0 : -EINVAL;
}

static int token_property(struct walk *walk) {
    if (walk->depth < 0 || bytes_left(walk) < 8)
        return -EINVAL;
    const unsigned char *header = walk->structure + walk->position;
    uint32_t nbytes = big_endian(header), name = big_endian(header + 4);
    walk->position += 8;
    const unsigned char *value = walk->structure + walk->position;
    if (!skip(walk, nbytes) || name >= walk->strings_bytes ||
        !string_ends(walk->strings + name, walk->strings_bytes - name))
        return -EINVAL;
    property(walk, walk->strings + name, value, nbytes);
    return 0;
}

static int walk_tree(struct walk *walk) {
    walk->depth = -1;
    while (bytes_left(walk) >= 4) {
        uint32_t token = big_endian(walk->structure + walk->position);
        int error = 0;
        walk->position += 4;
        if (token == TOKEN_STOP)
            return walk->depth == -1 ? 0 : -EINVAL;
        if (token == TOKEN_BEGIN) {
            error = token_begin(walk);
        } else if (token == TOKEN_PROPERTY) {
            error = token_property(walk);
        } else if (token == TOKEN_END && walk->depth >= 0) {
            node_end(walk);
            walk->depth--;
        } else if (token != TOKEN_NOP) {
            error = -EINVAL;
        }
        if (error)
            return error;
    }
    return -EINVAL;
}

/* A block of the tree that lies wholly inside it. */
static bool block_inside(uint32_t offset, uint32_t nbytes, uint32_t total) {
    return offset <= total && nbytes <= total - offset;
}

int fdt_read(paddr_t tree, const void *bytes, uint32_t boot_hart, struct machine *machine) {
    const unsigned char *header = bytes;
    *machine = (struct machine){0};
    if (tree % 8 != 0 || big_endian(header) != FDT_MAGIC)
        return -EINVAL;
    uint32_t total = big_endian(header + 4);
    uint32_t structure = big_endian(header + 8), strings = big_endian(header + 12);
    struct walk walk = {.machine = machine,
                        .boot_hart = boot_hart,
                        .structure = header + structure,
                        .structure_bytes = big_endian(header + 36),
                        .strings = (const char *)header + strings,
                        .strings_bytes = big_endian(header + 32)};
    if (total > FDT_SIZE_MAX || structure % 4 != 0 ||
        !block_inside(structure, walk.structure_bytes, total) ||
        !block_inside(strings, walk.strings_bytes, total))
        return -EINVAL;
    machine->tree = (struct range){tree, tree + total};
    int error = walk_tree(&walk);
    if (error)
        return error;
    contexts_resolve(&walk);
    return machine->nram > 0 ? 0 : -ENOENT;
}
