/* exec: a program's file is mapped, and the kernel takes it from there: no byte is copied.
 *
 * A file that starts with #! names the program that reads it. The kernel changes nothing unless it
 * takes the image, so every failure leaves the caller as it was. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    for (*count = 0; strings[*count]; ++*count)
        nbytes += strlen(strings[*count]) + 1;
    return nbytes;
}

static char *strings_copy(char *to, char *const strings[]) {
    for (; *strings; strings++)
        to = stpcpy(to, *strings) + 1;
    return to;
}

/* => the block, malloc'ed; NULL and errno */
static struct argument_block *block_build(char *const argv[], char *const envp[], size_t *nbytes) {
    uint32_t argc, envc;
    *nbytes =
        sizeof(struct argument_block) + strings_bytes(argv, &argc) + strings_bytes(envp, &envc);
    if (*nbytes > ARGUMENT_BLOCK_MAX) {
        errno = E2BIG;
        return NULL;
    }
    struct argument_block *block = malloc(*nbytes);
    if (!block)
        return NULL;
    block->argc = argc;
    block->envc = envc;
    (void)strings_copy(strings_copy(block->strings, argv), envp);
    return block;
}

/* ---- The image ---- */

static void image_release(const struct image *image) {
    (void)sys_unmap((uintptr_t)image->bytes, image->nbytes);
}

/* => 0 or a negative errno; the image is whole pages of their own */
static long image_fill(int file, struct image *image) {
    struct stat status;
    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || !(status.st_mode & EXECUTABLE))
        return -EACCES;
    if (status.st_size == 0)
        return -ENOEXEC;
    long address = sys_map(0, (size_t)status.st_size, MAP_READ | MAP_WRITE);
    if (address < 0)
        return address;
    *image = (struct image){(char *)address, (size_t)status.st_size};
    long mapped = file_pages(file, image->bytes, image->nbytes, 0);
    if (mapped >= (long)image->nbytes)
        return 0;
    image_release(image);
    return mapped < 0 ? mapped : -ENOEXEC;
}

static long image_read(const char *path, struct image *image) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    long error = image_fill(file, image);
    (void)close(file);
    return error;
}

/* ---- Programs and scripts ---- */

static long program_exec(const char *path, char *const argv[], char *const envp[], int scripts);

static int count(char *const strings[]) {
    int n = 0;
    while (strings[n])
        n++;
    return n;
}

/* The line after #! is a program and at most one argument. The script's path comes next, and then
 * its arguments. => -errno */
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

/* => -errno, or not at all */
static long program_exec(const char *path, char *const argv[], char *const envp[], int scripts) {
    struct image image = {NULL, 0};
    size_t nbytes;
    long error = image_read(path, &image);
    if (error)
        return error;
    if (image.nbytes > 2 && image.bytes[0] == '#' && image.bytes[1] == '!') {
        error = script_exec(&image, path, argv, envp, scripts);
    } else {
        struct argument_block *block = block_build(argv, envp, &nbytes);
        error = block ? sys_exec(image.bytes, image.nbytes, block, nbytes) : -errno;
        free(block);
    }
    image_release(&image);
    return error;
}

int execve(const char *path, char *const argv[], char *const envp[]) {
    return (int)service_result(program_exec(path, argv, envp, SCRIPTS_MAX));
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }

/* ---- Along PATH ---- */

/* A file that may be executed and is no program is the shell's, says POSIX. */
static int file_exec(const char *path, char *const argv[], char *const envp[]) {
    if (execve(path, argv, envp) == 0 || errno != ENOEXEC)
        return -1;
    int argc = count(argv);
    char *words[argc + 3];
    words[0] = "sh";
    words[1] = (char *)path;
    for (int i = 1; i <= argc; i++)
        words[i + 1] = argv[i];
    words[argc + 1 + (argc == 0)] = NULL;
    return execve("/bin/sh", words, envp);
}

/* /bin when there is no PATH. A file that may not be executed is told of if no other is found. */
int execvpe(const char *name, char *const argv[], char *const envp[]) {
    const char *path = getenv("PATH");
    char full[PATH_MAX];
    int error = ENOENT;
    if (strchr(name, '/') || !*name)
        return file_exec(name, argv, envp);
    if (!path)
        path = "/bin";
    for (;; path++) {
        size_t length = strcspn(path, ":");
        if (length + strlen(name) + 2 > sizeof full)
            return (int)service_result(-ENAMETOOLONG);
        memcpy(full, path, length);
        full[length] = '/';
        strcpy(full + length + (length > 0), name);
        (void)file_exec(full, argv, envp);
        if (errno == EACCES)
            error = EACCES;
        else if (errno != ENOENT && errno != ENOTDIR)
            return -1;
        path += length;
        if (!*path)
            return (int)service_result(-error);
    }
}

int execvp(const char *name, char *const argv[]) { return execvpe(name, argv, environ); }

/* ---- Arguments in a list ---- */

/* Into argv goes the list that starts with `first`, its NULL included; without an argv they are
 * only counted. => how many come before the NULL */
static int list_take(const char *first, va_list *list, char **argv) {
    int n = 0;
    for (const char *word = first;; word = va_arg(*list, const char *)) {
        if (argv)
            argv[n] = (char *)word;
        if (!word)
            return n;
        n++;
    }
}

#define LIST_READ(n, first)                                                                        \
    va_list list;                                                                                  \
    va_start(list, first);                                                                         \
    int n = list_take(first, &list, NULL);                                                         \
    va_end(list);                                                                                  \
    char *argv[n + 1];                                                                             \
    va_start(list, first);                                                                         \
    (void)list_take(first, &list, argv)

int execl(const char *path, const char *first, ...) {
    LIST_READ(n, first);
    va_end(list);
    return execv(path, argv);
}

int execlp(const char *name, const char *first, ...) {
    LIST_READ(n, first);
    va_end(list);
    return execvp(name, argv);
}

int execle(const char *path, const char *first, ...) {
    LIST_READ(n, first);
    char *const *envp = va_arg(list, char *const *);
    va_end(list);
    return execve(path, argv, envp);
}
