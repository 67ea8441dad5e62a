/* env [-i] [NAME=VALUE...] [COMMAND [ARGUMENT...]]: run a command in a changed environment, or
 * print the environment. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
    int i = 1;
    if (i < argc && strcmp(argv[i], "-i") == 0) {
        clearenv();
        i++;
    }
    for (; i < argc && strchr(argv[i], '='); i++)
        if (putenv(argv[i]) != 0)
            err(125, "%s", argv[i]);
    if (i < argc) {
        execvp(argv[i], argv + i);
        err(errno == ENOENT ? 127 : 126, "%s", argv[i]);
    }
    for (char **variable = environ; variable && *variable; variable++)
        puts(*variable);
    return 0;
}
