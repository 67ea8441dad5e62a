/* From the argument block to musl's beginning, which calls main.
 *
 * musl finds on the stack what Linux puts there (System V ABI, 3.4.1; RISC-V psABI): argc, the
 * arguments, NULL, the environment, NULL, and pairs of numbers that describe the program. */
#include <elf.h>
#include <stdint.h>
#include <stddef.h>

#include "byre/syscall.h"
#include "lib/abi.h"

#define AUXILIARY_PAIRS 6

extern const Elf64_Ehdr __ehdr_start; /* the linker's: the file's header is the first of its text */

int main(int argc, char **argv, char **envp);
_Noreturn int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                                void (*init)(void), void (*fini)(void), void (*loader)(void));
_Noreturn void byre_start(const struct argument_block *block, size_t nbytes);

/* As many pointers as the block has strings, ended by NULL. Its counts are the caller's word for
 * it; the strings are what is there. */
static const char *point(char **pointers, uint32_t n, const char *string, const char *end) {
    uint32_t i = 0;
    for (; i < n && string < end; i++) {
        pointers[i] = (char *)string;
        while (string < end && *string++)
            ;
    }
    pointers[i] = NULL;
    return string;
}

static uint32_t count(uint32_t n, size_t nbytes) { return n < nbytes ? n : (uint32_t)nbytes; }

/* What musl asks of the program itself. */
static void describe(uint64_t *to, const uint64_t seed[2]) {
    const uint64_t description[2 * AUXILIARY_PAIRS] = {
        AT_PHDR,   (uint64_t)&__ehdr_start + __ehdr_start.e_phoff,
        AT_PHENT,  sizeof(Elf64_Phdr),
        AT_PHNUM,  __ehdr_start.e_phnum,
        AT_PAGESZ, USER_PAGE_SIZE,
        AT_RANDOM, (uint64_t)seed,
        AT_NULL,   0};
    for (int i = 0; i < 2 * AUXILIARY_PAIRS; i++)
        to[i] = description[i];
}

_Noreturn void byre_start(const struct argument_block *block, size_t nbytes) {
    uint32_t argc = count(block->argc, nbytes), envc = count(block->envc, nbytes), n = 0;
    uint64_t seed[2] = {(uint64_t)sys_clock() * 0x9e3779b97f4a7c15, (uint64_t)sys_thread_id()};
    char *words[argc + 1 + envc + 1 + 2 * AUXILIARY_PAIRS];
    const char *end = (const char *)block + nbytes;
    const char *strings = point(words, argc, block->strings, end);
    while (words[n])
        n++;
    char **word = words + n + 1;
    (void)point(word, envc, strings, end);
    while (*word)
        word++;
    describe((uint64_t *)(void *)(word + 1), seed);
    __libc_start_main(main, (int)n, words, NULL, NULL, NULL);
}
