/* exec: builds an address space out of an ELF image that lies in memory.
 *
 * The one idea: the image's pages are shared with whoever holds the image, by the same cow_share
 * that fork uses, and only what does not fill a page is copied. The image is input from a user:
 * every field is checked before it is used, and nothing of the caller changes before all is built.
 */
#include "proc/exec.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/cache.h"
#include "mm/usercopy.h"
#include "proc/elf.h"
#include "proc/fp.h"
#include "proc/sched.h"

#define SEGMENTS_MAX 64
#define PATH_BYTES_MAX 256 /* of the program's name: only its end is kept */
#define STACK_ALIGN 16     /* RISC-V calling convention */

struct image {
    struct aspace *from;
    vaddr_t start;
    uint64_t nbytes;
};

static bool within(uint64_t offset, uint64_t nbytes, uint64_t total) {
    return offset <= total && nbytes <= total - offset;
}

/* ---- Segments ---- */

static uint32_t segment_rights(const struct elf_segment *segment) {
    return ((segment->flags & ELF_FLAG_READ) ? MAP_READ : 0) |
           ((segment->flags & ELF_FLAG_WRITE) ? MAP_WRITE : 0) |
           ((segment->flags & ELF_FLAG_EXECUTE) ? MAP_EXEC : 0);
}

static bool segment_valid(const struct elf_segment *segment, const struct image *image) {
    uint32_t rights = segment_rights(segment);
    return segment->file_bytes <= segment->memory_bytes &&
           within(segment->offset, segment->file_bytes, image->nbytes) &&
           segment->address >= PAGE_SIZE &&
           within(segment->address, segment->memory_bytes, USER_MAP_BASE) && (rights & MAP_READ) &&
           (rights & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC);
}

/* Bring bytes of the image to where they belong: whole pages are shared, not copied. */
static int image_bytes(const struct image *image, vaddr_t source, struct aspace *to, vaddr_t va,
                       uint64_t nbytes) {
    struct aspace *bad;
    size_t copied;
    return copy_between((struct user_range){to, va, nbytes},
                        (struct user_range){image->from, source, nbytes}, TRANSFER_SHARE, &copied,
                        &bad);
}

/* A page that the segment's bytes do not fill is copied, so that the rest of it is zeros. But if
 * nobody writes the segment, it may as well show what else the image has there, and be shared. */
static int segment_fill(const struct elf_segment *segment, const struct image *image,
                        struct aspace *as) {
    vaddr_t first = segment->address, last = first + segment->file_bytes;
    uint64_t distance = image->start + segment->offset - first; /* from here to the image, modulo */
    bool constant =
        !(segment->flags & ELF_FLAG_WRITE) && segment->file_bytes == segment->memory_bytes;
    if (constant && (first & PAGE_MASK) <= segment->offset)
        first = page_round_down(first);
    if (constant &&
        within(segment->offset + segment->file_bytes, page_round_up(last) - last, image->nbytes))
        last = page_round_up(last);
    return image_bytes(image, first + distance, as, first, last - first);
}

/* A region for the segment, filled. It may be written until it is full. */
static int segment_load(const struct elf_segment *segment, const struct image *image,
                        struct aspace *as) {
    if (!segment_valid(segment, image))
        return -ENOEXEC;
    vaddr_t start = page_round_down(segment->address);
    vaddr_t end = page_round_up(segment->address + segment->memory_bytes);
    uint32_t rights = segment_rights(segment);
    aspace_lock(as);
    int error = aspace_add_region(as, start, end, MAP_READ | MAP_WRITE, REGION_KIND_PRIVATE);
    aspace_unlock(as);
    if (error)
        return error == -ENOMEM ? error : -ENOEXEC;
    error = segment_fill(segment, image, as);
    if (error || rights == (MAP_READ | MAP_WRITE))
        return error;
    aspace_lock(as);
    error = aspace_protect(as, start, end - start, rights);
    aspace_unlock(as);
    return error;
}

/* ---- The image ---- */

static int header_read(const struct image *image, struct elf_header *header) {
    if (image->nbytes < sizeof *header)
        return -ENOEXEC;
    int error = copy_in(image->from, header, image->start, sizeof *header);
    if (error)
        return error;
    bool valid =
        memcmp(header->magic, "\177ELF", 4) == 0 && header->class == ELF_CLASS_64 &&
        header->data == ELF_DATA_LITTLE && header->type == ELF_TYPE_EXECUTABLE &&
        header->machine == ELF_MACHINE_RISCV &&
        header->segment_header_size == sizeof(struct elf_segment) && header->nsegments > 0 &&
        header->nsegments <= SEGMENTS_MAX &&
        within(header->segments, header->nsegments * sizeof(struct elf_segment), image->nbytes);
    return valid ? 0 : -ENOEXEC;
}

static int image_load(const struct image *image, const struct elf_header *header,
                      struct aspace *as) {
    vaddr_t end = 0;
    for (size_t i = 0; i < header->nsegments; i++) {
        struct elf_segment segment;
        int error = copy_in(image->from, &segment,
                            image->start + header->segments + i * sizeof segment, sizeof segment);
        if (!error && segment.type == ELF_SEGMENT_INTERPRETER)
            error = -ENOEXEC;
        bool loads = segment.type == ELF_SEGMENT_LOAD && segment.memory_bytes > 0;
        if (!error && loads)
            error = segment_load(&segment, image, as);
        if (error)
            return error;
        if (loads)
            end = max_u64(end, page_round_up(segment.address + segment.memory_bytes));
    }
    aspace_lock(as);
    aspace_init_heap(as, end);
    const struct region *region = aspace_find(as, header->entry);
    int error = region && (region->rights & MAP_EXEC) && header->entry % 2 == 0 ? 0 : -ENOEXEC;
    aspace_unlock(as);
    return error;
}

/* ---- Stack and arguments ---- */

static int stack_map(struct aspace *as) {
    vaddr_t start = USER_STACK_TOP - USER_STACK_MAX;
    aspace_lock(as);
    int error = aspace_add_region(as, start - PAGE_SIZE, start, 0, REGION_KIND_GUARD);
    if (!error)
        error =
            aspace_add_region(as, start, USER_STACK_TOP, MAP_READ | MAP_WRITE, REGION_KIND_PRIVATE);
    aspace_unlock(as);
    return error;
}

/* A name goes to terminals, in `ps` and in the log: what is no plain character there shows as `?`.
 */
static void name_filter(char *name) {
    for (; *name; name++)
        if (*name < ' ' || *name > '~')
            *name = '?';
}

/* The last part of the first string names the program. Whatever is no string names nothing. */
static int program_name(struct program *program) {
    char path[PATH_BYTES_MAX];
    uint64_t offset = offsetof(struct argument_block, strings);
    size_t n = min_u64(sizeof path - 1, program->argument_bytes - offset);
    int error = copy_in(program->as, path, program->arguments + offset, n);
    if (error)
        return error;
    path[n] = 0;
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '/')
            name = p + 1;
    string_copy(program->name, sizeof program->name, name);
    name_filter(program->name);
    return 0;
}

static int arguments_place(const struct image *image, vaddr_t arguments, struct program *program) {
    uint64_t nbytes = program->argument_bytes;
    if (nbytes > ARGUMENT_BLOCK_MAX)
        return -E2BIG;
    if (nbytes < sizeof(struct argument_block))
        return -EINVAL;
    program->arguments = (USER_STACK_TOP - nbytes) & ~(vaddr_t)(STACK_ALIGN - 1);
    int error = image_bytes(image, arguments, program->as, program->arguments, nbytes);
    return error ? error : program_name(program);
}

int exec_build(struct aspace *from, vaddr_t start, uint64_t nbytes, vaddr_t arguments,
               uint64_t argument_bytes, struct program *program) {
    const struct image image = {.from = from, .start = start, .nbytes = nbytes};
    struct elf_header header;
    if (!within(start, nbytes, USER_END))
        return -EFAULT;
    int error = header_read(&image, &header);
    if (error)
        return error;
    *program = (struct program){.entry = header.entry, .argument_bytes = argument_bytes};
    error = aspace_create(&program->as);
    if (error)
        return error;
    error = stack_map(program->as);
    if (!error)
        error = image_load(&image, &header, program->as);
    if (!error)
        error = arguments_place(&image, arguments, program);
    if (error)
        aspace_destroy(program->as);
    return error;
}

void exec_begin(struct thread *thread, const struct program *program) {
    struct process *process = thread->process;
    if (thread != thread_current())
        /* The hart on which it began to wait may still be on its way out: with the old address
         * space, and with floating-point registers that it has yet to save. */
        while (atomic_load_explicit(&thread->on_hart, memory_order_acquire) != 0)
            yield_until_zero(&thread->on_hart);
    struct aspace *old = process_replace_space(process, program->as);
    memcpy(process->name, program->name, sizeof process->name);
    memset(thread->context.x, 0, sizeof thread->context.x);
    thread->context.pc = program->entry;
    thread->context.x[SP] = program->arguments;
    thread->context.x[A0] = program->arguments;
    thread->context.x[A1] = program->argument_bytes;
    fp_forget(thread);
    if (thread == thread_current()) {
        thread_add_pending(thread, PENDING_REGISTERS);
        sched_reload();
    }
    if (old)
        aspace_destroy(old);
}

/* ---- The system call ---- */

/* An exec that waits: the program is ready, and the process's other threads are ending. */
struct execution {
    struct thread *thread;
    struct program program;
};

static struct cache execution_cache = CACHE_INIT("executions", struct execution);

void exec_abandon(struct execution *execution) {
    aspace_destroy(execution->program.as);
    cache_free(&execution_cache, execution);
}

void exec_finish(struct execution *execution) {
    struct thread *thread = execution->thread;
    handle_close_on_exec(&thread->process->handles);
    exec_begin(thread, &execution->program);
    cache_free(&execution_cache, execution);
    if (thread != thread_current())
        sched_ready(thread);
}

long exec_current(vaddr_t image, uint64_t nbytes, vaddr_t arguments, uint64_t argument_bytes) {
    struct execution *execution = cache_alloc(&execution_cache);
    if (!execution)
        return -ENOMEM;
    execution->thread = thread_current();
    int error = exec_build(process_current()->as, image, nbytes, arguments, argument_bytes,
                           &execution->program);
    if (error) {
        cache_free(&execution_cache, execution);
        return error;
    }
    if (process_wait_alone(execution))
        exec_finish(execution);
    return 0;
}
