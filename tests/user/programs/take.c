/* take N: copies N bytes, one at a time, and leaves the rest to who comes after it. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char byte;
    for (int n = argc > 1 ? atoi(argv[1]) : 1; n > 0 && read(0, &byte, 1) == 1; n--)
        if (write(1, &byte, 1) != 1)
            return 1;
    return 0;
}
