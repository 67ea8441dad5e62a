/* What the POSIX suites share. */
#include "tests/user/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "lib/print.h"

#define FOLDER "/tmp/posix"

void row_check(const char *file, int line, const char *call, long result, int error, long found) {
    int error_found = errno;
    if (found != result)
        check_failed(file, line, call, result, found);
    else if (error != 0 && error_found != error)
        print("  (%s)\n", strerror(error_found)),
            check_failed(file, line, call, error, error_found);
}

void folder_enter(void) {
    CHECK_EQUAL(0, mkdir(FOLDER, 0755));
    CHECK_EQUAL(0, chdir(FOLDER));
}

/* Of the current directory. */
static void folder_empty(void) {
    DIR *directory = opendir(".");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_type == DT_DIR && chdir(entry->d_name) == 0) {
            folder_empty();
            CHECK_EQUAL(0, chdir(".."));
        }
        CHECK_EQUAL(0, remove(entry->d_name));
    }
    CHECK(directory && closedir(directory) == 0);
}

void folder_leave(void) {
    CHECK_EQUAL(0, chdir(FOLDER));
    folder_empty();
    CHECK_EQUAL(0, chdir("/"));
    CHECK_EQUAL(0, rmdir(FOLDER));
}

int file_put(const char *name, const char *text) {
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    size_t nbytes = strlen(text);
    bool written = file >= 0 && write(file, text, nbytes) == (ssize_t)nbytes;
    return file >= 0 && close(file) == 0 && written ? 0 : -1;
}

bool next_is(int file, const char *text) {
    char bytes[256];
    size_t nbytes = strlen(text);
    return read(file, bytes, nbytes) == (ssize_t)nbytes && memcmp(bytes, text, nbytes) == 0;
}

bool file_is(const char *name, const char *text) {
    char more;
    int file = open(name, O_RDONLY);
    bool same = file >= 0 && next_is(file, text) && read(file, &more, 1) == 0;
    (void)close(file);
    return same;
}
