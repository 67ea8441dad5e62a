/* cat [FILE...]: print files, or standard input ("-" or none). */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Whole pages that lie alike in the buffer and in a file are shared with it, not copied. */
#define PAGE 4096

static int copy(int file, const char *name) {
    static _Alignas(PAGE) char bytes[64 * PAGE];
    ssize_t n;
    while ((n = read(file, bytes, sizeof bytes)) > 0)
        for (ssize_t done = 0, part; done < n; done += part)
            if ((part = write(1, bytes + done, (size_t)(n - done))) <= 0)
                err(1, "standard output");
    if (n < 0)
        warn("%s", name);
    return n < 0;
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc == 1)
        return copy(0, "standard input");
    for (int i = 1; i < argc; i++) {
        int file = strcmp(argv[i], "-") == 0 ? 0 : open(argv[i], O_RDONLY);
        if (file < 0) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        status |= copy(file, argv[i]);
        if (file != 0)
            close(file);
    }
    return status;
}
