/* tree [DIRECTORY]: all names below a directory, as a tree. */
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long directories, files;
static int status;

static int is_listed(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void show(const char *path, const char *before) {
    struct dirent **entries;
    int n = scandir(path, &entries, is_listed, alphasort);
    if (n < 0) {
        warn("%s", path);
        status = 1;
        return;
    }
    for (int i = 0; i < n; i++) {
        char below[PATH_MAX], line[PATH_MAX];
        const char *name = entries[i]->d_name;
        printf("%s%s-- %s\n", before, i + 1 < n ? "|" : "`", name);
        snprintf(below, sizeof below, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);
        snprintf(line, sizeof line, "%s%s   ", before, i + 1 < n ? "|" : " ");
        if (entries[i]->d_type == DT_DIR) {
            directories++;
            show(below, line);
        } else {
            files++;
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv) {
    const char *top = argc > 1 ? argv[1] : ".";
    puts(top);
    show(top, "");
    printf("\n%lu directories, %lu files\n", directories, files);
    return status;
}
