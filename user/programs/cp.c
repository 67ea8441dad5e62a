/* cp FILE TO, cp FILE... DIRECTORY: copy files. */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
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

static int copy(const char *from_name, const char *to_name) {
    struct stat status;
    int from = open(from_name, O_RDONLY), to = -1, failed = 1;
    if (from < 0 || fstat(from, &status) < 0) {
        warn("%s", from_name);
    } else if (S_ISDIR(status.st_mode)) {
        warnx("%s: is a directory", from_name);
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
    int status = 0;
    if (argc < 3)
        errx(2, "usage: cp FILE TO, or cp FILE... DIRECTORY");
    const char *last = argv[argc - 1];
    if (!is_directory(last)) {
        if (argc > 3)
            errx(2, "%s is not a directory", last);
        return copy(argv[1], last);
    }
    for (int i = 1; i < argc - 1; i++) {
        const char *slash = strrchr(argv[i], '/');
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", last, slash ? slash + 1 : argv[i]);
        status |= copy(argv[i], path);
    }
    return status;
}
