/* mkdir [-p] DIRECTORY...: make directories; -p: those above too, and none that is there already is
 * an error. */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make(char *path, bool parents) {
    for (char *slash = path; parents && (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    if (mkdir(path, 0777) == 0 || (parents && errno == EEXIST))
        return 0;
    warn("%s", path);
    return 1;
}

int main(int argc, char **argv) {
    bool parents = false;
    int status = 0, option;
    while ((option = getopt(argc, argv, "p")) >= 0) {
        if (option == '?')
            errx(2, "usage: mkdir [-p] DIRECTORY...");
        parents = true;
    }
    if (optind == argc)
        errx(2, "usage: mkdir [-p] DIRECTORY...");
    for (int i = optind; i < argc; i++)
        status |= make(argv[i], parents);
    return status;
}
