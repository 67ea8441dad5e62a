/* grep [-cinqv] PATTERN [FILE...]: print the lines that match an extended regular expression.
 * Exit status: 0 some did, 1 none did, 2 an error. */
#include <err.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "usage: grep [-cinqv] PATTERN [FILE...]"

static bool count_only, quiet, numbers, inverted, names;
static regex_t pattern;

static unsigned long search(FILE *file, const char *name) {
    static char line[65536];
    unsigned long matches = 0, number = 0;
    while (fgets(line, sizeof line, file)) {
        number++;
        line[strcspn(line, "\n")] = 0;
        if ((regexec(&pattern, line, 0, NULL, 0) == 0) == inverted)
            continue;
        matches++;
        if (count_only || quiet)
            continue;
        if (names)
            printf("%s:", name);
        if (numbers)
            printf("%lu:", number);
        printf("%s\n", line);
    }
    if (count_only)
        printf("%s%s%lu\n", names ? name : "", names ? ":" : "", matches);
    return matches;
}

int main(int argc, char **argv) {
    int flags = REG_EXTENDED | REG_NOSUB, option;
    while ((option = getopt(argc, argv, "cinqv")) >= 0) {
        count_only |= option == 'c';
        flags |= option == 'i' ? REG_ICASE : 0;
        numbers |= option == 'n';
        quiet |= option == 'q';
        inverted |= option == 'v';
        if (option == '?')
            errx(2, USAGE);
    }
    if (optind == argc)
        errx(2, USAGE);
    int error = regcomp(&pattern, argv[optind++], flags);
    if (error) {
        char text[128];
        regerror(error, &pattern, text, sizeof text);
        errx(2, "%s: %s", argv[optind - 1], text);
    }
    names = argc - optind > 1;
    unsigned long matches = 0;
    bool failed = false;
    if (optind == argc)
        matches = search(stdin, "standard input");
    for (int i = optind; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file) {
            warn("%s", argv[i]);
            failed = true;
            continue;
        }
        matches += search(file, argv[i]);
        fclose(file);
    }
    return failed ? 2 : matches == 0;
}
