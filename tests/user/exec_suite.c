/* exec with images and arguments that are wrong: each gives its errno and leaves the caller as it
 * was, or a program that can only end itself.
 *
 * The image is made by hand: its code ends at once wherever it is entered. Trials run in a child,
 * one after the other until one of them replaces it; the next child goes on after that one. */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/print.h"
#include "proc/elf.h"
#include "tests/user/user.h"

#define PAGE USER_PAGE_SIZE
#define TEXT USER_IMAGE_BASE
#define DATA (TEXT + PAGE)
#define DATA_BYTES 0x800
#define IMAGE_BYTES (2 * PAGE + DATA_BYTES)
#define IMAGE_PAGES 3
#define EXIT_CODE 42
#define NO_END 0x9002 /* c.ebreak */

/* Exits with the first byte of its data; before, it sleeps when the second is not 0. */
__asm__(".pushsection .rodata\n"
        "code: li s0, 0x1101000\n"
        "lbu a0, 1(s0)\n"
        "beqz a0, 1f\n"
        "li a0, -1\n"
        "li t0, 7\n" /* SYS_SLEEP */
        "ecall\n"
        "1: lbu a0, 0(s0)\n"
        "li t0, 0\n" /* SYS_EXIT */
        "ecall\n"
        "code_end:\n"
        ".popsection\n");
extern const char code[], code_end[];

static char *image;           /* IMAGE_PAGES of this process */
static long *next;            /* in shared memory: the trial to do next */
static char kept[PAGE];       /* of the caller: must not change */
static unsigned long regions; /* and neither must its regions */

static const struct { /* as struct argument_block */
    uint32_t argc, envc;
    char strings[8];
} block = {.argc = 1, .strings = "/a/prog"};

static struct elf_header *header(void) { return (struct elf_header *)image; }
static struct elf_segment *segment(int i) { return (struct elf_segment *)(header() + 1) + i; }

static void image_build(void) {
    memset(image, 0, IMAGE_PAGES * PAGE);
    for (int i = 0; i < PAGE; i += 2)
        *(uint16_t *)(image + PAGE + i) = NO_END;
    memcpy(image + PAGE, code, (size_t)(code_end - code));
    image[2 * PAGE] = EXIT_CODE;
    *header() = (struct elf_header){.magic = {0x7f, 'E', 'L', 'F'},
                                    .class = ELF_CLASS_64,
                                    .data = ELF_DATA_LITTLE,
                                    .version = 1,
                                    .type = ELF_TYPE_EXECUTABLE,
                                    .machine = ELF_MACHINE_RISCV,
                                    .version2 = 1,
                                    .entry = TEXT,
                                    .segments = sizeof(struct elf_header),
                                    .header_size = sizeof(struct elf_header),
                                    .segment_header_size = sizeof(struct elf_segment),
                                    .nsegments = 2};
    *segment(0) = (struct elf_segment){.type = ELF_SEGMENT_LOAD,
                                       .flags = ELF_FLAG_READ | ELF_FLAG_EXECUTE,
                                       .offset = PAGE,
                                       .address = TEXT,
                                       .file_bytes = PAGE,
                                       .memory_bytes = PAGE,
                                       .align = PAGE};
    *segment(1) = (struct elf_segment){.type = ELF_SEGMENT_LOAD,
                                       .flags = ELF_FLAG_READ | ELF_FLAG_WRITE,
                                       .offset = 2 * PAGE,
                                       .address = DATA,
                                       .file_bytes = DATA_BYTES,
                                       .memory_bytes = 3 * PAGE,
                                       .align = PAGE};
}

static void set_up(void) {
    image = pages_map(IMAGE_PAGES, 0);
    image_build();
    memset(kept, 7, sizeof kept);
    regions = regions_sum();
}

static size_t image_bytes = IMAGE_BYTES; /* that exec is told of */

static long exec_image(void) { return sys_exec(image, image_bytes, &block, sizeof block); }

static void expect_caller_unchanged(void) {
    for (size_t i = 0; i < sizeof kept; i++)
        if (kept[i] != 7)
            CHECK_EQUAL(7, kept[i]);
    CHECK_EQUAL(regions, regions_sum());
}

/* In a child: the error, or the program takes its place. */
static void image_runs(long ignored) {
    (void)ignored;
    CHECK_EQUAL(0, exec_image());
}

/* ---- Trials: many images, of which some may be programs ---- */

static bool is_exec_error(long error) {
    return error == -ENOEXEC || error == -EFAULT || error == -ENOMEM;
}

/* What the program may be must not reach anything of ours. */
static void handles_mark(void) {
    for (int handle = 0; handle < 300; handle++)
        (void)sys_handle_flags(handle, HANDLE_CLOEXEC);
}

/* Do trials from *next on. Those that exec refuses are over at once. */
static void trials(long (*trial)(long), long n) {
    handles_mark();
    while (*next < n) {
        CHECK(is_exec_error(trial((*next)++)));
        expect_caller_unchanged();
    }
}

/* Whatever runs may run in circles: let it, for a while. => the wait status */
static int wait_or_end(int pid) {
    int status = -1;
    for (int i = 0; i < 1000; i++) {
        if (sys_wait(pid, &status, WAIT_NO_HANG) == pid)
            return status;
        (void)sys_yield();
    }
    CHECK_EQUAL(0, sys_kill(pid, SIGNAL_KILL));
    return child_wait(pid);
}

/* Run n trials. => how many of them gave a program */
static long trials_run(long (*trial)(long), long n) {
    long programs = 0;
    next = (long *)pages_map(1, MAP_SHARE);
    *next = 0;
    regions = regions_sum();
    while (*next < n) {
        int pid = (int)sys_fork();
        if (pid == 0) {
            check_failures = 0;
            trials(trial, n);
            _exit(check_failures ? 254 : 255);
        }
        CHECK(pid > 0);
        int status = wait_or_end(pid);
        CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 254);
        programs += status != STATUS_EXITED(255);
    }
    CHECK_EQUAL(0, audit());
    return programs;
}

/* ---- The image as it should be ---- */

static void good_image(void) {
    set_up();
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
}

/* Its pages cannot be shared where it lies across pages, or in memory that is shared already. */
static void image_is_copied(void) {
    set_up();
    char *elsewhere = pages_map(IMAGE_PAGES + 1, 0);
    memcpy(elsewhere + 40, image, IMAGE_BYTES);
    image = elsewhere + 40;
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
    elsewhere = pages_map(IMAGE_PAGES, MAP_SHARE);
    memcpy(elsewhere, image, IMAGE_BYTES);
    image = elsewhere;
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
    CHECK_EQUAL(1, page_of((int)sys_getpid(), image + PAGE).count);
}

static void image_sleeps(void) { image[2 * PAGE + 1] = 1; }

/* => a child that is the program, and sleeps */
static int sleeper_start(void) {
    int child = child_start(image_runs, 0);
    process_wait_blocked(child);
    return child;
}

static void sleeper_end(int child) {
    CHECK_EQUAL(0, sys_kill(child, SIGNAL_KILL));
    CHECK_EQUAL(SIGNAL_KILL, child_wait(child));
}

static void runs_share_their_text(void) {
    set_up();
    segment(1)->file_bytes = PAGE; /* a page that can be shared, and that nobody writes */
    image_bytes = 3 * PAGE;
    image_sleeps();
    int first = sleeper_start(), second = sleeper_start();
    const char *text = (const char *)TEXT, *data = (const char *)DATA;
    CHECK_EQUAL(3, page_of(first, text).count);
    CHECK_EQUAL(3, page_of((int)sys_getpid(), image + PAGE).count);
    CHECK_EQUAL(0, page_of(first, text).flags & PAGE_WRITABLE);
    CHECK_EQUAL(3, page_of(second, data).count);
    CHECK_EQUAL(PAGE_COW, page_of(second, data).flags & (PAGE_WRITABLE | PAGE_COW));
    memset(image + PAGE, 0, 2 * PAGE); /* is ours alone afterwards */
    CHECK_EQUAL(2, page_of(first, text).count);
    CHECK_EQUAL(2, page_of(first, data).count);
    sleeper_end(first);
    CHECK_EQUAL(1, page_of(second, text).count);
    sleeper_end(second);
}

static void what_exec_keeps(void) {
    struct process_info info;
    set_up();
    image_sleeps();
    int child = sleeper_start();
    CHECK_EQUAL(child, sys_process_info(child, &info));
    CHECK_EQUAL(sys_getpid(), info.parent);
    CHECK_EQUAL(0, strcmp("prog", info.name));
    sleeper_end(child);
}

/* ps and the log show the name on terminals. */
static void execs_with_a_rude_name(long ignored) {
    static const char rude[] = "\1\0\0\0\0\0\0\0x\33[2J\n\233y";
    (void)ignored;
    (void)sys_exec(image, image_bytes, rude, sizeof rude);
    sys_exit(1);
}

static void names_are_plain(void) {
    struct process_info info;
    set_up();
    image_sleeps();
    int child = child_start(execs_with_a_rude_name, 0);
    process_wait_blocked(child);
    CHECK_EQUAL(child, sys_process_info(child, &info));
    CHECK_EQUAL(0, strcmp("x?[2J??y", info.name));
    sleeper_end(child);
}

/* ---- Fields that are wrong ---- */

#define RUNS 0

struct field {
    size_t offset, nbytes;
    unsigned long value;
    int error; /* or RUNS: the field does not matter, or this value is good */
};
#define HEADER(member) offsetof(struct elf_header, member), sizeof header()->member
#define SEGMENT(member) offsetof(struct elf_segment, member), sizeof segment(0)->member

static const struct field header_fields[] = {
    {HEADER(magic[0]), 0, ENOEXEC},
    {HEADER(magic[1]), 'e', ENOEXEC},
    {HEADER(magic[2]), 0, ENOEXEC},
    {HEADER(magic[3]), 'G', ENOEXEC},
    {HEADER(class), 0, ENOEXEC},
    {HEADER(class), 1, ENOEXEC}, /* 32 bits */
    {HEADER(data), 2, ENOEXEC},  /* the other byte order */
    {HEADER(type), 0, ENOEXEC},
    {HEADER(type), 1, ENOEXEC}, /* not linked */
    {HEADER(type), 3, ENOEXEC}, /* a shared object */
    {HEADER(type), 0xff02, ENOEXEC},
    {HEADER(machine), 62, ENOEXEC}, /* x86-64 */
    {HEADER(machine), 0xfff3, ENOEXEC},
    {HEADER(segment_header_size), 0, ENOEXEC},
    {HEADER(segment_header_size), 55, ENOEXEC},
    {HEADER(segment_header_size), 0xffff, ENOEXEC},
    {HEADER(nsegments), 0, ENOEXEC},
    {HEADER(nsegments), 65, ENOEXEC},
    {HEADER(nsegments), 0xffff, ENOEXEC},
    {HEADER(nsegments), 64, RUNS}, /* what follows is all zeros: segments of no kind */
    {HEADER(segments), IMAGE_BYTES - 2 * 56 + 1, ENOEXEC},
    {HEADER(segments), IMAGE_BYTES, ENOEXEC},
    {HEADER(segments), 0x100000040, ENOEXEC},
    {HEADER(segments), 0x8000000000000000, ENOEXEC},
    {HEADER(segments), -56UL, ENOEXEC},
    {HEADER(segments), -1UL, ENOEXEC},
    {HEADER(segments), PAGE / 2, ENOEXEC}, /* zeros: there is nothing at the entry */
    {HEADER(entry), 0, ENOEXEC},
    {HEADER(entry), 1, ENOEXEC},
    {HEADER(entry), TEXT + 1, ENOEXEC},
    {HEADER(entry), TEXT - 2, ENOEXEC},
    {HEADER(entry), DATA, ENOEXEC}, /* not executable */
    {HEADER(entry), USER_STACK_TOP - 16, ENOEXEC},
    {HEADER(entry), USER_STACK_TOP - USER_STACK_MAX - 16, ENOEXEC}, /* the guard */
    {HEADER(entry), USER_MAP_BASE, ENOEXEC},
    {HEADER(entry), 0x8000000000000000, ENOEXEC},
    {HEADER(entry), 0xffffffff80200000, ENOEXEC},
    {HEADER(entry), -2UL, ENOEXEC},
    {HEADER(sections), -1UL, RUNS},
    {HEADER(nsections), 0xffff, RUNS},
};

/* Of the segment with data. */
static const struct field segment_fields[] = {
    {SEGMENT(type), ELF_SEGMENT_INTERPRETER, ENOEXEC},
    {SEGMENT(flags), 0, ENOEXEC},
    {SEGMENT(flags), ELF_FLAG_WRITE, ENOEXEC},
    {SEGMENT(flags), ELF_FLAG_EXECUTE, ENOEXEC},
    {SEGMENT(flags), ELF_FLAG_WRITE | ELF_FLAG_EXECUTE, ENOEXEC},
    {SEGMENT(flags), ELF_FLAG_READ | ELF_FLAG_WRITE | ELF_FLAG_EXECUTE, ENOEXEC},
    {SEGMENT(flags), ELF_FLAG_READ, RUNS},
    {SEGMENT(flags), 0xfffffff8 | ELF_FLAG_READ, RUNS},
    {SEGMENT(offset), 2 * PAGE + 1, ENOEXEC},
    {SEGMENT(offset), IMAGE_BYTES, ENOEXEC},
    {SEGMENT(offset), 0x100002000, ENOEXEC},
    {SEGMENT(offset), -PAGE, ENOEXEC},
    {SEGMENT(offset), -1UL, ENOEXEC},
    {SEGMENT(address), 0, ENOEXEC},
    {SEGMENT(address), PAGE - 1, ENOEXEC},
    {SEGMENT(address), TEXT, ENOEXEC},                                   /* over the text */
    {SEGMENT(address), TEXT + PAGE - 1, ENOEXEC},                        /* over its last byte */
    {SEGMENT(address), USER_STACK_TOP - PAGE, ENOEXEC},                  /* over the stack */
    {SEGMENT(address), USER_STACK_TOP - USER_STACK_MAX - PAGE, ENOEXEC}, /* the guard */
    {SEGMENT(address), USER_MAP_BASE - PAGE, ENOEXEC},
    {SEGMENT(address), USER_MAP_BASE, ENOEXEC},
    {SEGMENT(address), USER_END - PAGE, ENOEXEC},
    {SEGMENT(address), USER_END, ENOEXEC},
    {SEGMENT(address), 0x8000000000000000, ENOEXEC},
    {SEGMENT(address), 0xffffffff80200000, ENOEXEC},
    {SEGMENT(address), -PAGE, ENOEXEC},
    {SEGMENT(address), -1UL, ENOEXEC},
    {SEGMENT(file_bytes), DATA_BYTES + 1, ENOEXEC},
    {SEGMENT(file_bytes), 3 * PAGE + 1, ENOEXEC},
    {SEGMENT(file_bytes), 0x100000000, ENOEXEC},
    {SEGMENT(file_bytes), -1UL, ENOEXEC},
    {SEGMENT(file_bytes), -2UL * PAGE, ENOEXEC},
    {SEGMENT(memory_bytes), DATA_BYTES - 1, ENOEXEC},
    {SEGMENT(memory_bytes), 1, ENOEXEC},
    {SEGMENT(memory_bytes), USER_MAP_BASE - DATA, RUNS}, /* 64 GiB that nobody touches */
    {SEGMENT(memory_bytes), USER_MAP_BASE - DATA + 1, ENOEXEC},
    {SEGMENT(memory_bytes), 0x8000000000000000, ENOEXEC},
    {SEGMENT(memory_bytes), -DATA, ENOEXEC},
    {SEGMENT(memory_bytes), -1UL, ENOEXEC},
    {SEGMENT(physical), -1UL, RUNS},
    {SEGMENT(align), -1UL, RUNS},
};

static void field_try(void *base, const struct field *field, size_t index) {
    char *at = (char *)base + field->offset;
    image_build();
    memcpy(at, &field->value, field->nbytes); /* the lowest bytes */
    int before = check_failures;
    if (field->error) {
        CHECK_EQUAL(-field->error, exec_image());
        expect_caller_unchanged();
    } else {
        CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
    }
    if (check_failures > before)
        print("  entry %lu of the table: offset %lu, value %#lx\n", index, field->offset,
              field->value);
}

static void broken_headers(void) {
    set_up();
    for (size_t i = 0; i < array_length(header_fields); i++)
        field_try(header(), &header_fields[i], i);
}

static void broken_segments(void) {
    set_up();
    for (size_t i = 0; i < array_length(segment_fields); i++)
        field_try(segment(1), &segment_fields[i], i);
}

/* ---- Images that end too early ---- */

static void truncated_images(void) {
    set_up();
    for (size_t n = 0; n < IMAGE_BYTES; n += n < 256 || n > IMAGE_BYTES - 16 ? 1 : 61) {
        CHECK_EQUAL(-ENOEXEC, sys_exec(image, n, &block, sizeof block));
        expect_caller_unchanged();
    }
}

/* The bytes are there by what the caller says, and not by what it has. */
static void images_that_are_not_there(void) {
    set_up();
    for (size_t n = 0; n < IMAGE_PAGES; n++) {
        image_build();
        CHECK_EQUAL(0, sys_unmap((uintptr_t)image + n * PAGE, PAGE));
        CHECK_EQUAL(-EFAULT, exec_image());
        CHECK_EQUAL((long)image + (long)n * PAGE,
                    sys_map((uintptr_t)image + n * PAGE, PAGE, MAP_READ | MAP_WRITE | MAP_AT));
        CHECK_EQUAL(0, sys_protect((uintptr_t)image + n * PAGE, PAGE, 0));
        CHECK_EQUAL(-EACCES, exec_image());
        CHECK_EQUAL(0, sys_protect((uintptr_t)image + n * PAGE, PAGE, MAP_READ | MAP_WRITE));
        expect_caller_unchanged();
    }
    CHECK_EQUAL(-EFAULT, sys_exec(NULL, IMAGE_BYTES, &block, sizeof block));
    CHECK_EQUAL(-EFAULT, sys_exec((void *)-PAGE, PAGE, &block, sizeof block));
    CHECK_EQUAL(-EFAULT, sys_exec((void *)USER_END, IMAGE_BYTES, &block, sizeof block));
    CHECK_EQUAL(-EFAULT, sys_exec(image, -1UL, &block, sizeof block));
    image_build();
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
}

/* ---- Bits turned over ---- */

#define FLIPS 600

/* Numbers of one trial, whichever process does it. xorshift64, as check_random. */
static unsigned long trial_random(unsigned long *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 33;
}

static long bits_trial(long trial) {
    unsigned long state = check_seed + (unsigned long)trial * 0x9e3779b97f4a7c15;
    size_t nbits = (sizeof(struct elf_header) + 2 * sizeof(struct elf_segment)) * 8;
    image_build();
    for (unsigned long n = 1 + trial_random(&state) % 4; n > 0; n--) {
        size_t bit = trial_random(&state) % nbits;
        image[bit / 8] ^= (char)(1 << bit % 8);
    }
    return exec_image();
}

static void flipped_bits(void) {
    set_up();
    long programs = trials_run(bits_trial, FLIPS);
    CHECK(programs > FLIPS / 50 && programs < FLIPS); /* both happen */
    image_build();
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
}

/* ---- Arguments ---- */

static char *arguments; /* ARGUMENT_BLOCK_MAX and a page */

static void argument_bytes_run(long nbytes) {
    CHECK_EQUAL(0, sys_exec(image, IMAGE_BYTES, arguments, (size_t)nbytes));
}

static void argument_sizes(void) {
    set_up();
    arguments = pages_map(ARGUMENT_BLOCK_MAX / PAGE + 1, 0);
    regions = regions_sum();
    memset(arguments, 'a', ARGUMENT_BLOCK_MAX + 1);
    for (size_t n = 0; n < sizeof(struct argument_block); n++)
        CHECK_EQUAL(-EINVAL, sys_exec(image, IMAGE_BYTES, arguments, n));
    CHECK_EQUAL(-E2BIG, sys_exec(image, IMAGE_BYTES, arguments, ARGUMENT_BLOCK_MAX + 1));
    CHECK_EQUAL(-E2BIG, sys_exec(image, IMAGE_BYTES, arguments, 0x100000000));
    CHECK_EQUAL(-E2BIG, sys_exec(image, IMAGE_BYTES, arguments, -1UL));
    expect_caller_unchanged();
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(argument_bytes_run, ARGUMENT_BLOCK_MAX));
    for (long n = sizeof(struct argument_block); n < 300; n += 7)
        CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(argument_bytes_run, n));
}

static void arguments_that_are_not_there(void) {
    set_up();
    char *page = pages_map(2, 0);
    pages_unmap(page + PAGE, 1);
    regions = regions_sum();
    for (long n = 1; n <= 64; n++)
        CHECK_EQUAL(-EFAULT, sys_exec(image, IMAGE_BYTES, page + PAGE - n, 65));
    CHECK_EQUAL(-EFAULT, sys_exec(image, IMAGE_BYTES, NULL, 8));
    CHECK_EQUAL(-EFAULT, sys_exec(image, IMAGE_BYTES, (void *)USER_END, 64));
    CHECK_EQUAL(-EFAULT, sys_exec(image, IMAGE_BYTES, (void *)-8L, 64));
    expect_caller_unchanged();
}

/* A program of the C library believes neither the counts nor that the strings end. */
static const struct {
    uint32_t argc, envc;
    char strings[24];
    size_t nbytes;
} broken_blocks[] = {
    {0, 0, "", 8},
    {1, 0, "", 8},
    {UINT32_MAX, UINT32_MAX, "", 8},
    {UINT32_MAX, 0, "true", 8 + 5},
    {0, UINT32_MAX, "true", 8 + 5},
    {2, 2, "true\0A=B", 8 + 24},
    {1, 1, "true\0PATH", 8 + 9},
    {3, 1000, "/////////////\0\0\0\0", 8 + 24},
};
static size_t true_bytes;

static void broken_block_run(long i) {
    CHECK_EQUAL(0, sys_exec(image, true_bytes, &broken_blocks[i], broken_blocks[i].nbytes));
}

static void broken_argument_blocks(void) {
    int file = open("/bin/true", O_RDONLY);
    true_bytes = (size_t)lseek(file, 0, SEEK_END);
    image = pages_map(true_bytes / PAGE + 1, 0);
    CHECK_EQUAL(true_bytes, pread(file, image, true_bytes, 0));
    for (size_t i = 0; i < array_length(broken_blocks); i++)
        CHECK_EQUAL(STATUS_EXITED(0), child_run(broken_block_run, (long)i));
    CHECK_EQUAL(0, close(file));
}

/* ---- Too little memory ---- */

static long *refused; /* in shared memory */

static void exec_with_little_memory(long nframes) {
    char *taken;
    size_t eaten = memory_eat((size_t)nframes, &taken);
    regions = regions_sum();
    CHECK_EQUAL(-ENOMEM, exec_image());
    ++*refused;
    expect_caller_unchanged();
    CHECK(pages_hold(taken, eaten, 100));
}

static void no_memory(void) {
    set_up();
    refused = (long *)pages_map(1, MAP_SHARE);
    *refused = 0;
    for (long nframes = 0; nframes < 24; nframes++) {
        int status = child_run(exec_with_little_memory, nframes);
        CHECK(status == 0 || status == STATUS_EXITED(EXIT_CODE) || status == SIGNAL_KILL);
        CHECK_EQUAL(0, audit());
    }
    CHECK(*refused > 3);
    CHECK_EQUAL(STATUS_EXITED(EXIT_CODE), child_run(image_runs, 0));
}

static const struct test exec_tests[] = {
    {"good_image", "an image is a program, as often as one likes", good_image},
    {"image_is_copied", "an image runs wherever it lies", image_is_copied},
    {"runs_share_their_text", "runs of one image share its frames until they are written",
     runs_share_their_text},
    {"what_exec_keeps", "exec changes the program and its name, not the process", what_exec_keeps},
    {"names_are_plain", "a process's name cannot command a terminal", names_are_plain},
    {"broken_headers", "each field of the header is checked", broken_headers},
    {"broken_segments", "each field of a segment is checked", broken_segments},
    {"truncated_images", "an image that ends too early is refused", truncated_images},
    {"images_that_are_not_there", "an image that cannot be read is refused",
     images_that_are_not_there},
    {"flipped_bits", "an image with bits turned over is refused or harms itself", flipped_bits},
    {"argument_sizes", "arguments have a largest and a least size", argument_sizes},
    {"arguments_that_are_not_there", "arguments that cannot be read are refused",
     arguments_that_are_not_there},
    {"broken_argument_blocks", "a program survives what stands in its arguments",
     broken_argument_blocks},
    {"no_memory", "exec without memory leaves the caller as it was", no_memory},
    {0},
};
const struct test *const suites[] = {exec_tests, NULL};
