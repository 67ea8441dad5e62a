/* tail [-n [+]LINES] [FILE]: the last lines, ten without a number; +N: from line N on. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show_from(FILE *file, long first) {
    int byte;
    for (long line = 1; line < first && (byte = getc(file)) != EOF; line += byte == '\n')
        ;
    while ((byte = getc(file)) != EOF)
        putchar(byte);
}

/* The newest lines in a ring. */
static void show_last(FILE *file, size_t n) {
    struct line {
        char *text;
        size_t size;
        ssize_t length;
    } *lines = calloc(n + 1, sizeof *lines);
    size_t next = 0, count = 0;
    if (!lines)
        err(1, "%zu lines", n);
    ssize_t length;
    while (n > 0 && (length = getline(&lines[next].text, &lines[next].size, file)) > 0) {
        lines[next].length = length;
        next = (next + 1) % n;
        count++;
    }
    for (size_t i = count < n ? 0 : next, left = count < n ? count : n; left > 0; left--) {
        fwrite(lines[i].text, 1, (size_t)lines[i].length, stdout);
        i = (i + 1) % n;
    }
}

int main(int argc, char **argv) {
    long lines = 10;
    bool from_start = false;
    int option;
    while ((option = getopt(argc, argv, "n:")) >= 0) {
        char *rest = "?";
        from_start = option == 'n' && *optarg == '+';
        lines = option == 'n' ? labs(strtol(optarg, &rest, 10)) : 0;
        if (*rest)
            errx(2, "usage: tail [-n [+]LINES] [FILE]");
    }
    FILE *file = optind < argc ? fopen(argv[optind], "r") : stdin;
    if (!file)
        err(1, "%s", argv[optind]);
    if (from_start)
        show_from(file, lines);
    else
        show_last(file, (size_t)lines);
    if (ferror(file))
        err(1, "%s", optind < argc ? argv[optind] : "standard input");
    return 0;
}
