/* sleep SECONDS: do nothing for a while; fractions are allowed. */
#include <err.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    char *end;
    double seconds = argc == 2 ? strtod(argv[1], &end) : -1;
    if (argc != 2 || *end || !(seconds >= 0 && seconds < 1e9))
        errx(2, "usage: sleep SECONDS");
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    return nanosleep(&time, NULL) < 0;
}
