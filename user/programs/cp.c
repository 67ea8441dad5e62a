/* cp [-r] FILE TO, cp [-r] FILE... DIRECTORY: copy files; -r: directories with all that is in
 * them. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whole pages that lie alike in the buffer and in a file are shared with it, not copied. */
#define PAGE 4096

static bool is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool same_file(int a, int b) {
    struct stat one, other;
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino;
}

static ssize_t copy_bytes(int from, int to) {
    static _Alignas(PAGE) char bytes[64 * PAGE];
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        for (ssize_t done = 0, part; done < n; done += part)
            if ((part = write(to, bytes + done, (size_t)(n - done))) < 0)
                return part;
    return n;
}

static bool recursive;

static int copy(const char *from_name, const char *to_name);

/* What is in it is listed first, as the copy may lie in it. */
static int copy_directory(const char *from_name, const char *to_name) {
    struct dirent **entries;
    int status = 0, n = scandir(from_name, &entries, NULL, alphasort);
    if (n < 0 || (mkdir(to_name, 0777) < 0 && errno != EEXIST)) {
        warn("%s", n < 0 ? from_name : to_name);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        char from[PATH_MAX], to[PATH_MAX];
        const char *name = entries[i]->d_name;
        snprintf(from, sizeof from, "%s/%s", from_name, name);
        snprintf(to, sizeof to, "%s/%s", to_name, name);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            status |= copy(from, to);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int copy(const char *from_name, const char *to_name) {
    struct stat status;
    int from = open(from_name, O_RDONLY), to = -1, failed = 1;
    if (from < 0 || fstat(from, &status) < 0) {
        warn("%s", from_name);
    } else if (S_ISDIR(status.st_mode) && recursive) {
        failed = copy_directory(from_name, to_name);
    } else if (S_ISDIR(status.st_mode)) {
        warnx("%s: is a directory, and there is no -r", from_name);
    } else if ((to = open(to_name, O_WRONLY | O_CREAT, status.st_mode & 0777)) < 0) {
        warn("%s", to_name);
    } else if (same_file(from, to)) {
        warnx("%s and %s are the same file", from_name, to_name);
    } else if (ftruncate(to, 0) < 0 || copy_bytes(from, to) < 0) {
        warn("%s", to_name);
    } else {
        failed = 0;
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return failed;
}

int main(int argc, char **argv) {
    int status = 0, option;
    while ((option = getopt(argc, argv, "r")) >= 0) {
        if (option == '?')
            errx(2, "usage: cp [-r] FILE TO, or cp [-r] FILE... DIRECTORY");
        recursive = true;
    }
    if (argc - optind < 2)
        errx(2, "usage: cp [-r] FILE TO, or cp [-r] FILE... DIRECTORY");
    const char *last = argv[argc - 1];
    if (!is_directory(last)) {
        if (argc - optind > 2)
            errx(2, "%s is not a directory", last);
        return copy(argv[optind], last);
    }
    for (int i = optind; i < argc - 1; i++) {
        const char *slash = strrchr(argv[i], '/');
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", last, slash ? slash + 1 : argv[i]);
        status |= copy(argv[i], path);
    }
    return status;
}
