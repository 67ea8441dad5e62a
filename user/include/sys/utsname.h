/* What system this is (POSIX <sys/utsname.h>). */
#pragma once

struct utsname {
    char sysname[16];
    char nodename[16];
    char release[16];
    char version[16];
    char machine[16];
};

int uname(struct utsname *name);
