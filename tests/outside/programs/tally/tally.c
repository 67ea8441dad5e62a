/* tally [-i] [-n COUNT] [FILE...]: the commonest words, with a bar as long as they are common.
 *
 * A tool as people write them for Unix; docs/posix.md tells how it came to Byre. */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"

static int fold_case;

/* The width of the terminal; COLUMNS says it where nobody else does. */
static int width(void) {
    const char *columns = getenv("COLUMNS");
    int n = columns ? atoi(columns) : 0;
    struct winsize size;
    if (n <= 0 && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    return n > 40 ? n : 40;
}

static void line_count(char *line) {
    while (*line) {
        size_t length = 0;
        for (; isalpha((unsigned char)line[length]); length++)
            if (fold_case)
                line[length] = (char)tolower((unsigned char)line[length]);
        if (length && table_add(line, length) < 0)
            err(1, "table");
        line += length ? length : 1;
    }
}

static int file_count(const char *name) {
    FILE *file = strcmp(name, "-") ? fopen(name, "r") : stdin;
    char *line = NULL;
    size_t room = 0;
    if (!file) {
        warn("%s", name);
        return 1;
    }
    while (getline(&line, &room, file) >= 0)
        line_count(line);
    free(line);
    if (file != stdin)
        fclose(file);
    return 0;
}

static void show(size_t most) {
    size_t nwords;
    struct word **words = table_sorted(&nwords);
    if (!words)
        err(1, "table");
    unsigned long room = (unsigned long)width() - 24;
    for (size_t i = 0; i < nwords && i < most; i++) {
        unsigned long bar = words[i]->count * room / words[0]->count;
        printf("%6lu %-16s", words[i]->count, words[i]->text);
        while (bar--)
            putchar('#');
        putchar('\n');
    }
    free(words);
}

int main(int argc, char **argv) {
    size_t most = 10;
    int option, failed = 0;
    while ((option = getopt(argc, argv, "in:")) != -1) {
        if (option == 'i')
            fold_case = 1;
        else if (option == 'n')
            most = strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    (void)!nice(10); /* where there are no priorities, nobody is in the way */
    if (optind == argc)
        failed = file_count("-");
    for (int i = optind; i < argc; i++)
        failed |= file_count(argv[i]);
    show(most);
    return failed;
}
