/* sort [-nru] [FILE...]: lines in order; -n: by the number that they begin with; -r: backwards; -u:
 * of equal lines one. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool by_number, backwards, single;
static char **lines;
static size_t nlines, room;

static int compare(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    int order = 0;
    if (by_number) {
        double m = strtod(x, NULL), n = strtod(y, NULL);
        order = (m > n) - (m < n);
    }
    if (order == 0 && !(by_number && single))
        order = strcmp(x, y);
    return backwards ? -order : order;
}

static int lines_read(FILE *file, const char *name) {
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = 0;
        if (nlines == room) {
            room = room ? 2 * room : 256;
            lines = realloc(lines, room * sizeof *lines);
        }
        if (!lines || !(lines[nlines++] = strdup(line)))
            err(1, "%s", name);
    }
    free(line);
    if (!ferror(file))
        return 0;
    warn("%s", name);
    return 1;
}

int main(int argc, char **argv) {
    int status = 0, option;
    while ((option = getopt(argc, argv, "nru")) >= 0) {
        if (option == '?')
            errx(2, "usage: sort [-nru] [FILE...]");
        by_number |= option == 'n';
        backwards |= option == 'r';
        single |= option == 'u';
    }
    if (optind == argc)
        status = lines_read(stdin, "standard input");
    for (int i = optind; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file)
            err(1, "%s", argv[i]);
        status |= lines_read(file, argv[i]);
        fclose(file);
    }
    if (nlines > 0)
        qsort(lines, nlines, sizeof *lines, compare);
    for (size_t i = 0; i < nlines; i++)
        if (!single || i == 0 || compare(&lines[i - 1], &lines[i]) != 0)
            puts(lines[i]);
    return status || fflush(stdout) < 0;
}
