/* uniq [-cdu] [FILE]: of equal lines in a row one; -c: with how many there were; -d: only of lines
 * that were repeated; -u: only lines that were not. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool counts, repeated, single;

static void show(const char *line, unsigned long n) {
    if (n == 0 || (repeated && n == 1) || (single && n > 1))
        return;
    if (counts)
        printf("%7lu ", n);
    puts(line);
}

int main(int argc, char **argv) {
    char *line = NULL, *before = NULL;
    size_t size = 0, before_size = 0;
    unsigned long n = 0;
    ssize_t length;
    int option;
    while ((option = getopt(argc, argv, "cdu")) >= 0) {
        if (option == '?')
            errx(2, "usage: uniq [-cdu] [FILE]");
        counts |= option == 'c';
        repeated |= option == 'd';
        single |= option == 'u';
    }
    if (optind < argc && !freopen(argv[optind], "r", stdin))
        err(1, "%s", argv[optind]);
    while ((length = getline(&line, &size, stdin)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = 0;
        if (n > 0 && strcmp(line, before) == 0) {
            n++;
            continue;
        }
        if (n > 0)
            show(before, n);
        n = 1;
        char *swapped = before;
        size_t swapped_size = before_size;
        before = line, before_size = size;
        line = swapped, size = swapped_size;
    }
    if (n > 0)
        show(before, n);
    return ferror(stdin) || fflush(stdout) < 0;
}
