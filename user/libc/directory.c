/* Directories: opendir and its kin. The place in the directory is the session's offset. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/libc/service.h"

struct byre_directory {
    int file;
    struct dirent entry;
};

DIR *fdopendir(int file) {
    struct stat status;
    if (fstat(file, &status) < 0)
        return NULL;
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    DIR *directory = malloc(sizeof *directory);
    if (directory)
        directory->file = file;
    return directory;
}

DIR *opendir(const char *path) {
    int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    DIR *directory = fdopendir(file);
    if (!directory)
        close(file);
    return directory;
}

static unsigned char entry_type(unsigned mode) {
    return S_ISDIR(mode) ? DT_DIR : S_ISREG(mode) ? DT_REG : S_ISCHR(mode) ? DT_CHR : DT_UNKNOWN;
}

struct dirent *readdir(DIR *directory) {
    struct protocol_entry from;
    struct service_call call = {.word = {OP_READDIR}, .in = &from, .in_bytes = sizeof from};
    struct dirent *entry = &directory->entry;
    if (file_call(directory->file, &call) <= 0)
        return NULL;
    entry->d_ino = (ino_t)from.inode;
    entry->d_type = entry_type(from.mode);
    memcpy(entry->d_name, from.name, sizeof entry->d_name);
    return entry;
}

void rewinddir(DIR *directory) { (void)lseek(directory->file, 0, SEEK_SET); }

long telldir(DIR *directory) { return (long)lseek(directory->file, 0, SEEK_CUR); }

void seekdir(DIR *directory, long place) { (void)lseek(directory->file, place, SEEK_SET); }

int dirfd(DIR *directory) { return directory->file; }

int closedir(DIR *directory) {
    int result = close(directory->file);
    free(directory);
    return result;
}
