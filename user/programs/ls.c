/* ls [-al] [PATH...]: list directories, names in order; -l: with type, links and size; -a: names
 * that begin with a dot, too. */
#include <dirent.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool details, all;

static int show(const char *path, const char *name) {
    struct stat status;
    if (!details) {
        puts(name);
        return 0;
    }
    if (stat(path, &status) < 0) {
        warn("%s", path);
        return 1;
    }
    char type = S_ISDIR(status.st_mode) ? 'd' : S_ISREG(status.st_mode) ? '-' : '?';
    printf("%c%03o %3lu %9ld %s\n", type, (unsigned)status.st_mode & 0777,
           (unsigned long)status.st_nlink, (long)status.st_size, name);
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_directory(const char *path) {
    DIR *directory = opendir(path);
    struct dirent *entry;
    char **names = NULL;
    size_t n = 0;
    int status = 0;
    if (!directory) {
        warn("%s", path);
        return 1;
    }
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' && !all)
            continue;
        char **more = realloc(names, (n + 1) * sizeof *names);
        char *name = more ? strdup(entry->d_name) : NULL;
        if (!name)
            errx(1, "out of memory");
        names = more;
        names[n++] = name;
    }
    closedir(directory);
    if (n > 0)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        char full[1024];
        snprintf(full, sizeof full, "%s/%s", path, names[i]);
        status |= show(full, names[i]);
        free(names[i]);
    }
    free(names);
    return status;
}

static int list(const char *path, bool headed) {
    struct stat status;
    if (stat(path, &status) < 0) {
        warn("%s", path);
        return 1;
    }
    if (!S_ISDIR(status.st_mode))
        return show(path, path);
    if (headed)
        printf("%s:\n", path);
    return list_directory(path);
}

int main(int argc, char **argv) {
    int status = 0, option;
    while ((option = getopt(argc, argv, "al")) >= 0) {
        if (option == '?')
            errx(2, "usage: ls [-al] [PATH...]");
        details |= option == 'l';
        all |= option == 'a';
    }
    if (optind == argc)
        return list(".", false);
    for (int i = optind; i < argc; i++)
        status |= list(argv[i], argc - optind > 1);
    return status;
}
