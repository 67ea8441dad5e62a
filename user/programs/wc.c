/* wc [-lwc] [FILE...]: count lines, words and bytes. */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
    unsigned long lines, words, bytes;
};

static bool show_lines, show_words, show_bytes;

static int count(int file, const char *name, struct counts *counts) {
    static char bytes[16384];
    bool in_word = false;
    ssize_t n;
    while ((n = read(file, bytes, sizeof bytes)) > 0) {
        counts->bytes += (unsigned long)n;
        for (ssize_t i = 0; i < n; i++) {
            bool space = isspace((unsigned char)bytes[i]);
            counts->lines += bytes[i] == '\n';
            counts->words += !space && !in_word;
            in_word = !space;
        }
    }
    if (n < 0)
        warn("%s", name);
    return n < 0;
}

static void show(const struct counts *counts, const char *name) {
    if (show_lines)
        printf(" %7lu", counts->lines);
    if (show_words)
        printf(" %7lu", counts->words);
    if (show_bytes)
        printf(" %7lu", counts->bytes);
    printf("%s%s\n", name[0] ? " " : "", name);
}

int main(int argc, char **argv) {
    struct counts total = {0};
    int status = 0, option;
    while ((option = getopt(argc, argv, "lwc")) >= 0) {
        show_lines |= option == 'l';
        show_words |= option == 'w';
        show_bytes |= option == 'c';
        if (option == '?')
            errx(2, "usage: wc [-lwc] [FILE...]");
    }
    if (!show_lines && !show_words && !show_bytes)
        show_lines = show_words = show_bytes = true;
    if (optind == argc) {
        status = count(0, "standard input", &total);
        show(&total, "");
        return status;
    }
    for (int i = optind; i < argc; i++) {
        struct counts counts = {0};
        int file = open(argv[i], O_RDONLY);
        if (file < 0) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        status |= count(file, argv[i], &counts);
        close(file);
        show(&counts, argv[i]);
        total.lines += counts.lines, total.words += counts.words, total.bytes += counts.bytes;
    }
    if (argc - optind > 1)
        show(&total, "total");
    return status;
}
