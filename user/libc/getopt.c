/* getopt as POSIX has it: options end at the first argument that is none. getopt_long, GNU's, goes
 * on behind such arguments, and moves them to the end as it goes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static const char *rest; /* of the argument at optind, what is not read yet; NULL: all */

static int complain(char *const argv[], const char *letters, const char *what, const char *name,
                    size_t length) {
    if (opterr && *letters != ':')
        fprintf(stderr, "%s: %s -- %.*s\n", argv[0], what, (int)length, name);
    return '?';
}

static int argument_missing(char *const argv[], const char *letters, const char *name,
                            size_t length) {
    (void)complain(argv, letters, "option requires an argument", name, length);
    return *letters == ':' ? ':' : '?';
}

/* One letter out of `rest`. */
static int letter_take(char *const argv[], const char *letters) {
    const char *name = rest++;
    const char *found = *name == ':' ? NULL : strchr(letters, *name);
    optopt = *name;
    if (!*rest || (found && found[1] == ':')) {
        optarg = *rest ? (char *)rest : NULL;
        rest = NULL;
        optind++;
    }
    if (!found)
        return complain(argv, letters, "illegal option", name, 1);
    if (found[1] != ':' || found[2] == ':' || optarg)
        return *name;
    optarg = argv[optind];
    if (!optarg)
        return argument_missing(argv, letters, name, 1);
    optind++;
    return *name;
}

static int is_options(const char *word) { return word[0] == '-' && word[1]; }

/* => whether the argument at optind has options, which are in `rest` then; a -- is left behind */
static int argument_next(int argc, char *const argv[]) {
    if (rest)
        return 1;
    if (optind >= argc || !is_options(argv[optind]))
        return 0;
    rest = argv[optind] + 1;
    if (strcmp(rest, "-") != 0)
        return 1;
    rest = NULL;
    optind++;
    return 0;
}

/* An optind of 0 asks for a start from nothing. */
static void begin(void) {
    optarg = NULL;
    if (optind == 0) {
        optind = 1;
        rest = NULL;
    }
}

int getopt(int argc, char *const argv[], const char *letters) {
    begin();
    letters += *letters == '+';
    return argument_next(argc, argv) ? letter_take(argv, letters) : -1;
}

/* ---- Long options ---- */

/* The one of this name, or the only one that begins so. */
static const struct option *long_find(const struct option *options, const char *name,
                                      size_t length) {
    const struct option *found = NULL;
    int n = 0;
    for (; options->name; options++) {
        if (strncmp(options->name, name, length) != 0)
            continue;
        if (!options->name[length])
            return options;
        found = options;
        n++;
    }
    return n == 1 ? found : NULL;
}

static int long_take(char *const argv[], const char *letters, const struct option *options,
                     int *index) {
    const char *name = rest + 1;
    size_t length = strcspn(name, "=");
    const struct option *found = long_find(options, name, length);
    rest = NULL;
    optind++;
    optopt = found ? found->val : 0;
    if (!found)
        return complain(argv, letters, "unknown or ambiguous option", name, length);
    if (name[length])
        optarg = (char *)name + length + 1;
    if (optarg && found->has_arg == no_argument)
        return complain(argv, letters, "option takes no argument", name, length);
    if (!optarg && found->has_arg == required_argument) {
        optarg = argv[optind];
        if (!optarg)
            return argument_missing(argv, letters, name, length);
        optind++;
    }
    if (index)
        *index = (int)(found - options);
    if (!found->flag)
        return found->val;
    *found->flag = found->val;
    return 0;
}

/* Put the arguments from `middle` up to `end` before those from `start`. */
static void arguments_move(char **argv, int start, int middle, int end) {
    for (; middle < end; start++, middle++) {
        char *word = argv[middle];
        memmove(argv + start + 1, argv + start, (size_t)(middle - start) * sizeof *argv);
        argv[start] = word;
    }
}

int getopt_long(int argc, char *const argv[], const char *letters, const struct option *options,
                int *index) {
    begin();
    int in_order = *letters == '+';
    letters += in_order;
    int start = optind;
    while (!in_order && optind < argc && !is_options(argv[optind]))
        optind++;
    int middle = optind;
    int result = !argument_next(argc, argv) ? -1
                 : rest == argv[middle] + 1 && *rest == '-'
                     ? long_take(argv, letters, options, index)
                     : letter_take(argv, letters);
    arguments_move((char **)argv, start, middle, optind);
    optind -= middle - start;
    return result;
}
