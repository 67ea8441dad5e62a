/* head [-n LINES] [FILE...]: the first lines, ten without a number. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long lines = 10;

static int show(FILE *file, const char *name) {
    int byte;
    for (long left = lines; left > 0 && (byte = getc(file)) != EOF; left -= byte == '\n')
        putchar(byte);
    if (!ferror(file))
        return 0;
    warn("%s", name);
    return 1;
}

int main(int argc, char **argv) {
    int status = 0, option;
    while ((option = getopt(argc, argv, "n:")) >= 0) {
        char *rest = "?";
        lines = option == 'n' ? strtol(optarg, &rest, 10) : 0;
        if (*rest || lines < 0)
            errx(2, "usage: head [-n LINES] [FILE...]");
    }
    if (optind == argc)
        return show(stdin, "standard input");
    for (int i = optind; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        if (argc - optind > 1)
            printf("%s==> %s <==\n", i > optind ? "\n" : "", argv[i]);
        status |= show(file, argv[i]);
        fclose(file);
    }
    return status;
}
