/* chmod MODE FILE...: the permission bits, in octal, or as [ugoa][+-=][rwx]. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BAD ((mode_t)-1)

/* returns: the bits that the text makes of those that were; BAD: it is no mode */
static mode_t mode_of(const char *text, mode_t before) {
    char *rest;
    mode_t who = 0, what = 0;
    long octal = strtol(text, &rest, 8);
    if (*text && !*rest)
        return octal >= 0 && octal <= 07777 ? (mode_t)octal : BAD;
    for (; *text && strchr("ugoa", *text); text++)
        who |= *text == 'u' ? 0700 : *text == 'g' ? 0070 : *text == 'o' ? 0007 : 0777;
    char sign = *text;
    if (!sign || !strchr("+-=", sign))
        return BAD;
    for (text++; *text; text++) {
        if (!strchr("rwx", *text))
            return BAD;
        what |= *text == 'r' ? 0444 : *text == 'w' ? 0222 : 0111;
    }
    if (!who)
        who = 0777;
    return sign == '+'   ? before | (what & who)
           : sign == '-' ? before & ~(what & who)
                         : (before & ~who) | (what & who);
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc < 3)
        errx(2, "usage: chmod MODE FILE...");
    for (int i = 2; i < argc; i++) {
        struct stat about;
        mode_t mode = 0;
        if (stat(argv[i], &about) == 0 && (mode = mode_of(argv[1], about.st_mode & 07777)) == BAD)
            errx(2, "%s: not a mode", argv[1]);
        if (stat(argv[i], &about) < 0 || chmod(argv[i], mode) < 0) {
            warn("%s", argv[i]);
            status = 1;
        }
    }
    return status;
}
