/* picolibc's <sys/stat.h>, and what POSIX has beyond it. */
#pragma once

#include_next <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif
int lstat(const char *__restrict path, struct stat *__restrict to);
#ifdef __cplusplus
}
#endif
