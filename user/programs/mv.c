/* mv FILE TO, mv FILE... DIRECTORY: rename files. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int move(const char *from, const char *to) {
    if (rename(from, to) == 0)
        return 0;
    warn("%s", from);
    return 1;
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc < 3)
        errx(2, "usage: mv FILE TO, or mv FILE... DIRECTORY");
    const char *last = argv[argc - 1];
    if (!is_directory(last)) {
        if (argc > 3)
            errx(2, "%s is not a directory", last);
        return move(argv[1], last);
    }
    for (int i = 1; i < argc - 1; i++) {
        const char *slash = strrchr(argv[i], '/');
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", last, slash ? slash + 1 : argv[i]);
        status |= move(argv[i], path);
    }
    return status;
}
