/* which NAME...: where the program of this name is, along PATH. */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int find(const char *name) {
    const char *path = getenv("PATH");
    for (path = path ? path : "/bin";; path++) {
        char full[PATH_MAX];
        struct stat about;
        int length = (int)strcspn(path, ":");
        snprintf(full, sizeof full, "%.*s%s%s", length, path, length ? "/" : "", name);
        if (stat(full, &about) == 0 && S_ISREG(about.st_mode) && access(full, X_OK) == 0) {
            puts(full);
            return 0;
        }
        path += length;
        if (!*path)
            return 1;
    }
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc < 2)
        errx(2, "usage: which NAME...");
    for (int i = 1; i < argc; i++)
        status |= find(argv[i]);
    return status;
}
