/* picolibc's <unistd.h>, and what POSIX has beyond it. */
#pragma once

#include_next <unistd.h>

#define _POSIX_VERSION 200809L

int brk(void *end);
