/* From the argument block to main, and from its result to the end. */
#include "user/runtime/start.h"

#include "byre/syscall.h"
#include "lib/string.h"

static const char *strings, *strings_end;

_Noreturn void runtime_start(const struct argument_block *block, size_t nbytes);

_Noreturn void runtime_start(const struct argument_block *block, size_t nbytes) {
    strings = block->strings;
    strings_end = (const char *)block + nbytes;
    sys_exit(main());
}

const char *argument_text(const char *name) {
    size_t length = string_length(name), left;
    for (const char *at = strings; at < strings_end; at += string_length(at) + 1) {
        left = (size_t)(strings_end - at);
        if (bytes_find(at, left, 0) == left)
            return NULL; /* the last one has no end */
        if (string_starts_with(at, name) && at[length] == '=')
            return at + length + 1;
    }
    return NULL;
}

long argument_number(const char *name) {
    uint64_t number;
    const char *text = argument_text(name);
    return text && string_number(text, 10, &number) > text ? (long)number : -1;
}
