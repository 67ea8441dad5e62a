/* exec: a program's file is mapped, and the kernel takes it from there: no byte is copied.
 *
 * A file that starts with #! names the program that reads it. The kernel changes nothing unless it
 * takes the image, so every failure leaves the caller as it was. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "user/libc/calls.h"
#include "user/libc/service.h"

#define SCRIPT_LINE_MAX 128
#define BLANKS " \t\r"
#define SCRIPTS_MAX 4 /* scripts whose reader is a script */
#define EXECUTABLE (S_IXUSR | S_IXGRP | S_IXOTH)

struct image {
    char *bytes;
    size_t nbytes;
};

/* ---- The argument block ---- */

static size_t strings_bytes(char *const strings[], uint32_t *count) {
    size_t nbytes = 0;
    for (*count = 0; strings && strings[*count]; ++*count)
        nbytes += strlen(strings[*count]) + 1;
    return nbytes;
}

static char *strings_copy(char *to, char *const strings[]) {
    for (; strings && *strings; strings++)
        to = stpcpy(to, *strings) + 1;
    return to;
}

/* Fill the block and give it to the kernel with the image.
 * returns: a negative errno, or not at all */
static long block_exec(const struct image *image, char *const argv[], char *const envp[]) {
    uint32_t argc, envc;
    size_t nbytes = sizeof(struct argument_block);
    nbytes += strings_bytes(argv, &argc);
    nbytes += strings_bytes(envp, &envc);
    if (nbytes > ARGUMENT_BLOCK_MAX)
        return -E2BIG;
    long address = sys_map(0, nbytes, MAP_READ | MAP_WRITE);
    if (address < 0)
        return address;
    struct argument_block *block = (struct argument_block *)address;
    block->argc = argc, block->envc = envc;
    (void)strings_copy(strings_copy(block->strings, argv), envp);
    long error = sys_exec(image->bytes, image->nbytes, block, nbytes);
    (void)sys_unmap((uintptr_t)address, nbytes);
    return error;
}

/* ---- The image ---- */

static void image_release(const struct image *image) {
    (void)sys_unmap((uintptr_t)image->bytes, image->nbytes);
}

/* returns: 0: the image is whole pages of their own; a negative errno */
static long image_fill(long file, struct image *image) {
    struct stat status;
    long error = byre_fstat(file, (long)&status);
    if (error)
        return error;
    if (!S_ISREG(status.st_mode) || !(status.st_mode & EXECUTABLE))
        return -EACCES;
    if (status.st_size == 0)
        return -ENOEXEC;
    long address = sys_map(0, (size_t)status.st_size, MAP_READ | MAP_WRITE);
    if (address < 0)
        return address;
    *image = (struct image){(char *)address, (size_t)status.st_size};
    long mapped = byre_file_pages((int)file, image->bytes, image->nbytes, 0);
    if (mapped >= (long)image->nbytes)
        return 0;
    image_release(image);
    return mapped < 0 ? mapped : -ENOEXEC;
}

static long image_read(const char *path, struct image *image) {
    long file = byre_openat(AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0)
        return file;
    long error = image_fill(file, image);
    (void)byre_close(file);
    return error;
}

/* ---- Programs and scripts ---- */

static long program_exec(const char *path, char *const argv[], char *const envp[], int scripts);

static int count(char *const strings[]) {
    int n = 0;
    while (strings && strings[n])
        n++;
    return n;
}

/* The line after #! is a program and at most one argument. The script's path comes next, and then
 * its arguments.
 * returns: a negative errno */
static long script_exec(const struct image *image, const char *path, char *const argv[],
                        char *const envp[], int scripts) {
    char line[SCRIPT_LINE_MAX];
    size_t length = image->nbytes < sizeof line ? image->nbytes : sizeof line - 1;
    memcpy(line, image->bytes, length);
    line[length] = 0;
    if (scripts == 0 || (line[strcspn(line, "\n")] == 0 && length < image->nbytes))
        return -ENOEXEC;
    line[strcspn(line, "\n")] = 0;
    char *reader = line + 2 + strspn(line + 2, BLANKS);
    char *option = reader + strcspn(reader, BLANKS);
    if (!*reader)
        return -ENOEXEC;
    if (*option)
        *option++ = 0;
    option += strspn(option, BLANKS);
    option[strcspn(option, "\r")] = 0;
    int argc = count(argv), n = 0;
    char *words[argc + 4];
    words[n++] = reader;
    if (*option)
        words[n++] = option;
    words[n++] = (char *)path;
    for (int i = 1; i < argc; i++)
        words[n++] = argv[i];
    words[n] = NULL;
    return program_exec(reader, words, envp, scripts - 1);
}

/* returns: a negative errno, or not at all */
static long program_exec(const char *path, char *const argv[], char *const envp[], int scripts) {
    struct image image = {NULL, 0};
    long error = image_read(path, &image);
    if (error)
        return error;
    if (image.nbytes > 2 && image.bytes[0] == '#' && image.bytes[1] == '!')
        error = script_exec(&image, path, argv, envp, scripts);
    else
        error = block_exec(&image, argv, envp);
    image_release(&image);
    return error;
}

long byre_execve(long path, long argv, long envp) {
    return program_exec((const char *)path, (char *const *)argv, (char *const *)envp, SCRIPTS_MAX);
}
