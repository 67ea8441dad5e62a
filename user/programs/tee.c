/* tee [-a] FILE...: standard input to standard output and to files; -a: to their ends. */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool put(int file, const char *bytes, ssize_t nbytes) {
    for (ssize_t part; nbytes > 0; bytes += part, nbytes -= part)
        if ((part = write(file, bytes, (size_t)nbytes)) < 0)
            return false;
    return true;
}

int main(int argc, char **argv) {
    static char bytes[16384];
    int status = 0, option, flags = O_TRUNC;
    while ((option = getopt(argc, argv, "a")) >= 0) {
        if (option == '?')
            errx(2, "usage: tee [-a] FILE...");
        flags = O_APPEND;
    }
    int *files = calloc((size_t)argc, sizeof *files);
    if (!files)
        err(1, "out of memory");
    files[optind - 1] = 1;
    for (int i = optind; i < argc; i++)
        if ((files[i] = open(argv[i], O_WRONLY | O_CREAT | flags, 0666)) < 0) {
            warn("%s", argv[i]);
            status = 1;
        }
    ssize_t n;
    while ((n = read(0, bytes, sizeof bytes)) > 0)
        for (int i = optind - 1; i < argc; i++)
            if (files[i] >= 0 && !put(files[i], bytes, n)) {
                warn("%s", i < optind ? "standard output" : argv[i]);
                files[i] = -1;
                status = 1;
            }
    if (n < 0)
        err(1, "standard input");
    return status;
}
