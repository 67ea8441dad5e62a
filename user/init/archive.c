/* The ustar format (POSIX, pax, "ustar Interchange Format"), read only, and GNU tar's long names: a
 * name that does not fit is the content of a member of its own, before the one that it is for. */
#include "user/init/archive.h"

#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

#define BLOCK 512

/* A member's head. Numbers are octal digits; a text may fill its field and then has no 0. */
struct header {
    char name[100];
    char mode[8];
    char user[8];
    char group[8];
    char size[12];
    char time[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[8]; /* "ustar", and 0 when there may be a prefix */
    char names[80];
    char prefix[155];
};
_Static_assert(sizeof(struct header) == 500, "as the format has it");

static bool octal_read(const char *field, size_t width, uint64_t *value) {
    *value = 0;
    size_t i = 0;
    while (i < width && field[i] == ' ')
        i++;
    for (; i < width && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7')
            return false;
        *value = *value * 8 + (uint64_t)(field[i] - '0');
    }
    return true;
}

/* The sum of the block's bytes, with spaces in the place of the sum itself. */
static bool checksum_is_right(const struct header *header) {
    const unsigned char *bytes = (const unsigned char *)header;
    uint64_t stated, sum = 0;
    if (!octal_read(header->checksum, sizeof header->checksum, &stated))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        sum += bytes[i];
    for (size_t i = 0; i < sizeof header->checksum; i++)
        sum += (unsigned char)' ' - (unsigned char)header->checksum[i];
    return sum == stated;
}

static void name_read(const struct header *header, struct member *member) {
    bool prefixed = header->prefix[0] && header->magic[5] == 0;
    (void)format_string(member->name, sizeof member->name, "%.155s%s%.100s",
                        prefixed ? header->prefix : "", prefixed ? "/" : "", header->name);
}

static enum member_kind kind_of(char type) {
    if (type == '0' || type == 0)
        return MEMBER_FILE;
    if (type == 'L')
        return MEMBER_LONG_NAME;
    return type == '5' ? MEMBER_DIRECTORY : MEMBER_OTHER;
}

/* As archive_next, with a long name as a member. */
static int member_read(const struct archive *archive, size_t *offset, struct member *member) {
    size_t left = archive->nbytes - *offset;
    const struct header *header = (const struct header *)(archive->bytes + *offset);
    uint64_t nbytes, mode;
    if (left < BLOCK)
        return left ? -EINVAL : 0;
    if (!header->name[0])
        return 0;
    if (memcmp(header->magic, "ustar", 5) != 0 || !checksum_is_right(header) ||
        !octal_read(header->size, sizeof header->size, &nbytes) ||
        !octal_read(header->mode, sizeof header->mode, &mode) || nbytes > left - BLOCK)
        return -EINVAL;
    name_read(header, member);
    member->kind = kind_of(header->type);
    member->mode = (unsigned)mode & 0777;
    member->bytes = archive->bytes + *offset + BLOCK;
    member->nbytes = nbytes;
    *offset += BLOCK + min_u64((nbytes + BLOCK - 1) / BLOCK * BLOCK, left - BLOCK);
    return 1;
}

int archive_next(const struct archive *archive, size_t *offset, struct member *member) {
    int more = member_read(archive, offset, member);
    if (more <= 0 || member->kind != MEMBER_LONG_NAME)
        return more;
    struct archive name = {member->bytes, member->nbytes};
    if (name.nbytes > sizeof member->name || member_read(archive, offset, member) <= 0 ||
        member->kind == MEMBER_LONG_NAME)
        return -EINVAL;
    memcpy(member->name, name.bytes, name.nbytes);
    member->name[min_u64(name.nbytes, sizeof member->name - 1)] = 0;
    return 1;
}
