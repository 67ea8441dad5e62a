/* touch FILE...: make files that are not there. Files have no times that could change. */
#include <err.h>
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int status = 0;
    if (argc < 2)
        errx(2, "usage: touch FILE...");
    for (int i = 1; i < argc; i++) {
        int file = open(argv[i], O_WRONLY | O_CREAT, 0666);
        if (file < 0)
            file = open(argv[i], O_RDONLY | O_DIRECTORY);
        if (file < 0) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        close(file);
    }
    return status;
}
