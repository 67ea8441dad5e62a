/* From the argument block to main, and from its result to exit. */
#include "user/libc/start.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/abi.h"

extern char tls_image_start[], tls_image_end[], tls_block[];
extern void (*__init_array_start[])(void), (*__init_array_end[])(void);

const char *program_path = "?";

/* Functions of ours that picolibc's own call, and has too. Named here, they are found before it is
 * searched; those that a program does not need are thrown away with this table. */
__attribute__((used)) static void *const preferred[] = {sbrk, raise, getenv, strerror, strsignal};

int main(int argc, char **argv, char **envp);
_Noreturn void byre_start(const struct argument_block *block, size_t nbytes);

/* As many pointers as the block has strings, ended by NULL. Its counts are the caller's word for
 * it; the strings are what is there. */
static const char *point(char **pointers, uint32_t n, const char *string, const char *end) {
    uint32_t i = 0;
    for (; i < n && string < end; i++) {
        pointers[i] = (char *)string;
        string += strnlen(string, (size_t)(end - string)) + 1;
    }
    pointers[i] = NULL;
    return string;
}

static uint32_t count(uint32_t n, size_t nbytes) { return n < nbytes ? n : (uint32_t)nbytes; }

_Noreturn void byre_start(const struct argument_block *block, size_t nbytes) {
    uint32_t argc = count(block->argc, nbytes), envc = count(block->envc, nbytes);
    char *argv[argc + 1], *envp[envc + 1];
    const char *end = (const char *)block + nbytes;
    const char *strings = point(argv, argc, block->strings, end);
    (void)point(envp, envc, strings, end);
    memcpy(tls_block, tls_image_start, (size_t)(tls_image_end - tls_image_start));
    environ = envp;
    if (argv[0])
        program_path = argv[0];
    for (void (**init)(void) = __init_array_start; init < __init_array_end; init++)
        (*init)();
    exit(main((int)argc, argv, envp));
}
