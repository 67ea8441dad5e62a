/* Users: there is one, root, in one group of the same name. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/libc/service.h"

#define NAME "root"

static struct passwd root = {.pw_name = NAME,
                             .pw_passwd = "",
                             .pw_comment = "",
                             .pw_gecos = "",
                             .pw_dir = "/",
                             .pw_shell = "/bin/sh"};
static char *members[] = {NAME, NULL};
static struct group roots = {.gr_name = NAME, .gr_passwd = "", .gr_mem = members};

/* No error: there is no such user. */
struct passwd *getpwuid(uid_t user) {
    return user == 0 ? &root : NULL;
}
struct passwd *getpwnam(const char *name) {
    return strcmp(name, NAME) == 0 ? &root : NULL;
}
struct group *getgrgid(gid_t group) {
    return group == 0 ? &roots : NULL;
}
struct group *getgrnam(const char *name) {
    return strcmp(name, NAME) == 0 ? &roots : NULL;
}
char *getlogin(void) { return root.pw_name; }

/* ---- This process's ---- */

uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
gid_t getegid(void) { return 0; }
int setuid(uid_t user) { return (int)service_result(user == 0 ? 0 : -EPERM); }
int seteuid(uid_t user) { return setuid(user); }
int setgid(gid_t group) { return (int)service_result(group == 0 ? 0 : -EPERM); }
int setegid(gid_t group) { return setgid(group); }

int getgroups(int ngroups, gid_t groups[]) {
    (void)groups;
    return (int)service_result(ngroups < 0 ? -EINVAL : 0);
}

/* ---- Those of files ---- */

/* -1 leaves one as it is, and so does root. */
static int owner_check(uid_t user, gid_t group) {
    bool same = (user == 0 || user == (uid_t)-1) && (group == 0 || group == (gid_t)-1);
    return (int)service_result(same ? 0 : -EPERM);
}

int chown(const char *path, uid_t user, gid_t group) {
    struct stat ignored;
    return stat(path, &ignored) < 0 ? -1 : owner_check(user, group);
}

int lchown(const char *path, uid_t user, gid_t group) { return chown(path, user, group); }

int fchown(int file, uid_t user, gid_t group) {
    struct stat ignored;
    return fstat(file, &ignored) < 0 ? -1 : owner_check(user, group);
}
