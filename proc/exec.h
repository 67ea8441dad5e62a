/* exec: an address space for a program, out of an ELF image in somebody's memory. */
#pragma once

#include "mm/aspace.h"
#include "proc/process.h"

/* What a new program begins with. */
struct program {
    struct aspace *as;
    vaddr_t entry;
    vaddr_t arguments; /* the argument block, at the top of the stack */
    uint64_t argument_bytes;
    char name[PROCESS_NAME_MAX];
};

/* Build the address space: image and argument block lie in `from`.
 * => from not locked
 * => 0 and *program; -ENOEXEC: not an image that we run; -EFAULT, -EACCES: they do not lie in
 * memory that can be read; -E2BIG; -EINVAL: the argument block; -ENOMEM. Nothing is left on failure
 */
must_check int exec_build(struct aspace *from, vaddr_t image, uint64_t nbytes, vaddr_t arguments,
                          uint64_t argument_bytes, struct program *program);

/* Let the thread begin the program. => it is the only one of its process, and is not ready yet or
 * is current; its address space is dropped, if it has one */
void exec_begin(struct thread *thread, const struct program *program);

/* The system call: the other threads of the process end first. => does not come back to the program
 * on success; as exec_build otherwise, and nothing changed */
long exec_current(vaddr_t image, uint64_t nbytes, vaddr_t arguments, uint64_t argument_bytes);

/* An exec whose other threads are gone now: finish it and let its thread run, or give it up.
 * => no lock held */
void exec_finish(struct execution *execution);
void exec_abandon(struct execution *execution);
