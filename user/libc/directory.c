/* Directories: opendir and its kin. Names come many at a time; each tells the place behind it. */
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
    size_t at, end; /* of the records that nobody has read yet */
    long place;     /* behind the last name that was read */
    struct dirent entry;
    char records[2048] __attribute__((aligned(8)));
};

DIR *fdopendir(int file) {
    struct stat status;
    if (fstat(file, &status) < 0)
        return NULL;
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    DIR *directory = calloc(1, sizeof *directory);
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
    struct service_call call = {
        .word = {OP_READDIR}, .in = directory->records, .in_bytes = sizeof directory->records};
    if (directory->at == directory->end) {
        long nbytes = file_call(directory->file, &call);
        if (nbytes <= 0)
            return NULL;
        directory->at = 0;
        directory->end = (size_t)nbytes;
    }
    struct protocol_entry *from = (struct protocol_entry *)(directory->records + directory->at);
    directory->at += from->nbytes;
    directory->place = (long)from->offset;
    directory->entry.d_ino = (ino_t)from->inode;
    directory->entry.d_type = entry_type(from->mode);
    strcpy(directory->entry.d_name, from->name);
    return &directory->entry;
}

long telldir(DIR *directory) { return directory->place; }

void seekdir(DIR *directory, long place) {
    (void)lseek(directory->file, place, SEEK_SET);
    directory->place = place;
    directory->at = directory->end = 0;
}

void rewinddir(DIR *directory) { seekdir(directory, 0); }

int dirfd(DIR *directory) { return directory->file; }

int closedir(DIR *directory) {
    int result = close(directory->file);
    free(directory);
    return result;
}
