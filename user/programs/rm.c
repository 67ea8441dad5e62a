/* rm [-fr] FILE...: remove names; -r: directories with all that is in them; -f: what is not there
 * is no error. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool force, recursive;

static int remove_path(const char *path);

static int remove_directory(const char *path) {
    int status = 0;
    /* From the start after each removal, as the places of the others change with it. A name that
     * cannot be removed ends it. */
    for (;;) {
        char below[1024] = "";
        struct dirent *entry;
        DIR *directory = opendir(path);
        while (directory && (entry = readdir(directory)) && !below[0])
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (directory)
            closedir(directory);
        if (!below[0] || (status = remove_path(below)) != 0)
            break;
    }
    if (status == 0 && rmdir(path) < 0) {
        warn("%s", path);
        status = 1;
    }
    return status;
}

static int remove_path(const char *path) {
    struct stat status;
    if (recursive && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return remove_directory(path);
    if (unlink(path) == 0 || (force && errno == ENOENT))
        return 0;
    warn("%s", path);
    return 1;
}

int main(int argc, char **argv) {
    int status = 0, option;
    while ((option = getopt(argc, argv, "fr")) >= 0) {
        if (option == '?')
            errx(2, "usage: rm [-fr] FILE...");
        force |= option == 'f';
        recursive |= option == 'r';
    }
    if (optind == argc && !force)
        errx(2, "usage: rm [-fr] FILE...");
    for (int i = optind; i < argc; i++)
        status |= remove_path(argv[i]);
    return status;
}
