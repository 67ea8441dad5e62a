/* The first process: init, from an image inside the kernel.
 *
 * The one idea: it begins like any other program. The image and the argument block are put into a
 * short-lived address space, and exec builds from there. What the machine has becomes handles at
 * fixed numbers, and argument strings say which of them are there (docs/user-land.md). */
#include "proc/first.h"

#include "arch/riscv/csr.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "mm/pmm.h"
#include "mm/usercopy.h"
#include "proc/exec.h"
#include "proc/resource.h"
#include "proc/sched.h"

#define LOADER_ARGUMENTS (USER_MAP_BASE / 2) /* where init's argument block is built */

extern char init_image_start[], init_image_end[];

/* Give `process` an object at a fixed number. => 0 or -ENOMEM */
static int give(struct process *process, long number, struct object *object) {
    struct object *none;
    if (!object)
        return -ENOMEM;
    return handle_set(&process->handles, number, object, 0, &none);
}

static int give_handles(struct process *process, const struct machine *machine) {
    int error = give(process, HANDLE_FIRST_POWER, power_create());
    if (!error)
        error = give(process, HANDLE_FIRST_LOG, log_create());
    if (error || machine->uart.start == machine->uart.end)
        return error;
    error = give(process, HANDLE_FIRST_DEVICE, device_create(machine->uart));
    if (!error)
        error = give(process, HANDLE_FIRST_INTERRUPT, interrupt_create(machine->uart_interrupt));
    return error;
}

static uint64_t initrd_bytes(const struct machine *machine) {
    bool usable = machine->initrd.start < machine->initrd.end &&
                  frame_is_counted(machine->initrd.start) &&
                  frame_is_counted(machine->initrd.end - 1);
    return usable ? machine->initrd.end - machine->initrd.start : 0;
}

/* Give init the archive for its own: with its last page's unmapping it is free memory. */
static int give_initrd(struct aspace *as, const struct machine *machine) {
    paddr_t start = page_round_down(machine->initrd.start);
    paddr_t end = page_round_up(machine->initrd.end);
    if (initrd_bytes(machine) == 0)
        return 0;
    aspace_lock(as);
    int error = aspace_map_frames(as, USER_MAP_BASE, start, end - start, MAP_READ);
    aspace_unlock(as);
    for (paddr_t frame = start; !error && frame < end; frame += PAGE_SIZE)
        frame_unhold(frame);
    return error;
}

/* The argument block: what init is given, as docs/user-land.md says. => its bytes */
static size_t describe(const struct machine *machine, char *text, size_t size) {
    struct argument_block *block = (struct argument_block *)text;
    size_t used = sizeof *block, nbytes = initrd_bytes(machine);
    *block = (struct argument_block){0};
    used += format_string(text + used, size - used, "init") + 1;
    used += format_string(text + used, size - used, "bootargs=%s", machine->bootargs) + 1;
    used += format_string(text + used, size - used, "log=%d", HANDLE_FIRST_LOG) + 1;
    used += format_string(text + used, size - used, "power=%d", HANDLE_FIRST_POWER) + 1;
    block->argc = 4;
    if (nbytes > 0) {
        vaddr_t va = USER_MAP_BASE + (machine->initrd.start & PAGE_MASK);
        used +=
            format_string(text + used, size - used, "initrd=%lx:%zu", (unsigned long)va, nbytes) +
            1;
        block->argc++;
    }
    if (machine->uart.start != machine->uart.end) {
        used += format_string(text + used, size - used, "uart=%d:%d:ns16550a", HANDLE_FIRST_DEVICE,
                              HANDLE_FIRST_INTERRUPT) +
                1;
        block->argc++;
    }
    assert(used <= size);
    return used;
}

/* An address space in which init's image and argument block lie, to build from. */
static int loader_fill(struct aspace *loader, const struct machine *machine,
                       size_t *argument_bytes) {
    static char text[sizeof machine->bootargs + 512] __attribute__((aligned(8)));
    paddr_t image = (uintptr_t)init_image_start - KERNEL_OFFSET;
    *argument_bytes = describe(machine, text, sizeof text);
    aspace_lock(loader);
    int error =
        aspace_map_frames(loader, USER_MAP_BASE, image,
                          page_round_up((size_t)(init_image_end - init_image_start)), MAP_READ);
    if (!error)
        error = aspace_map(loader, LOADER_ARGUMENTS, page_round_up(*argument_bytes),
                           MAP_READ | MAP_WRITE, REGION_KIND_PRIVATE);
    aspace_unlock(loader);
    return error ? error : copy_out(loader, LOADER_ARGUMENTS, text, *argument_bytes);
}

static int first_program(const struct machine *machine, struct program *program) {
    struct aspace *loader;
    size_t argument_bytes;
    int error = aspace_create(&loader);
    if (error)
        return error;
    error = loader_fill(loader, machine, &argument_bytes);
    if (!error)
        error = exec_build(loader, USER_MAP_BASE, (size_t)(init_image_end - init_image_start),
                           LOADER_ARGUMENTS, argument_bytes, program);
    aspace_destroy(loader);
    return error;
}

int first_start(const struct machine *machine) {
    struct process *process;
    struct thread *thread;
    struct program program;
    int error = process_create_first(&process, &thread);
    if (!error)
        error = first_program(machine, &program);
    if (!error)
        error = give_initrd(program.as, machine);
    if (!error)
        error = give_handles(process, machine);
    if (error)
        return error;
    exec_begin(thread, &program);
    sched_ready(thread);
    return 0;
}
