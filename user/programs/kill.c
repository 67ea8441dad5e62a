/* kill [-SIGNAL] PID...: end processes that this one started, with their descendants' help or not.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int signal = SIGTERM, first = 1, status = 0;
    char *end;
    if (argc > 1 && argv[1][0] == '-') {
        signal = (int)strtol(argv[1] + 1, &end, 10);
        if (*end || end == argv[1] + 1)
            errx(2, "%s: signals are numbers here", argv[1]);
        first = 2;
    }
    if (first == argc)
        errx(2, "usage: kill [-SIGNAL] PID...");
    for (int i = first; i < argc; i++) {
        long pid = strtol(argv[i], &end, 10);
        if (*end || pid <= 0) {
            warnx("%s: not a process number", argv[i]);
            status = 1;
        } else if (kill((pid_t)pid, signal) < 0) {
            warn("%s", argv[i]);
            status = 1;
        }
    }
    return status;
}
