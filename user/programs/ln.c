/* ln FILE NAME: give a file another name. */
#include <err.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 3)
        errx(2, "usage: ln FILE NAME");
    if (link(argv[1], argv[2]) < 0)
        err(1, "%s", argv[2]);
    return 0;
}
