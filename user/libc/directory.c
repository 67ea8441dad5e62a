/* Entries of directories, as many a call as fit: the server's records become Linux's. Each tells
 * the place behind it. */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "user/libc/calls.h"
#include "user/libc/service.h"

#define RECORD_ALIGN 8
#define RECORDS_BYTES 1024 /* asked for at a time */

_Static_assert(offsetof(struct dirent, d_name) < offsetof(struct protocol_entry, name),
               "a record of Linux's fits where one of the server's does");

static unsigned char entry_type(unsigned mode) {
    return S_ISDIR(mode) ? DT_DIR : S_ISREG(mode) ? DT_REG : S_ISCHR(mode) ? DT_CHR : DT_UNKNOWN;
}

/* returns: its bytes */
static size_t entry_write(struct dirent *to, const struct protocol_entry *from) {
    size_t nbytes = offsetof(struct dirent, d_name) + strlen(from->name) + 1;
    nbytes = (nbytes + RECORD_ALIGN - 1) & ~(size_t)(RECORD_ALIGN - 1);
    to->d_ino = from->inode;
    to->d_off = (off_t)from->offset;
    to->d_reclen = (unsigned short)nbytes;
    to->d_type = entry_type(from->mode);
    strcpy(to->d_name, from->name);
    return nbytes;
}

/* What is asked of the server is no more than fits, so that no name is passed over. */
long byre_getdents(long directory, long buffer, long nbytes) {
    _Alignas(struct protocol_entry) char records[RECORDS_BYTES];
    size_t room = nbytes < RECORDS_BYTES ? (size_t)nbytes : RECORDS_BYTES;
    struct service_call call = {.word = {OP_READDIR}, .in = records, .in_bytes = room};
    if (nbytes < (long)PROTOCOL_ENTRY_MAX)
        return -EINVAL;
    long end = byre_file((int)directory, &call), at = 0, done = 0;
    if (end < 0)
        return end == -EINVAL ? -ENOTDIR : end;
    while (at < end) {
        const struct protocol_entry *from = (const struct protocol_entry *)(records + at);
        done += (long)entry_write((struct dirent *)(buffer + done), from);
        at += from->nbytes;
    }
    return done;
}
