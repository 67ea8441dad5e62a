/* Directories, as <dirent.h> of POSIX shows them. */
#pragma once

#include <sys/types.h>

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_REG 8

struct dirent {
    ino_t d_ino;
    unsigned char d_type;
    char d_name[256];
};

typedef struct byre_directory DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int file);
struct dirent *readdir(DIR *directory);
void rewinddir(DIR *directory);
long telldir(DIR *directory);
void seekdir(DIR *directory, long place);
int closedir(DIR *directory);
int dirfd(DIR *directory);
