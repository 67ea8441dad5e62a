/* lib/memory.c against the same work done byte by byte: every alignment of both sides, lengths
 * around words and blocks, and sources and targets that overlap either way. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/memory.h"

#define ROOM 1024
#define LENGTH_MAX 560

static unsigned char bytes[ROOM], expected[ROOM];

static void begin(void) {
    for (size_t i = 0; i < ROOM; i++)
        bytes[i] = expected[i] = (unsigned char)(i * 7 + i / 256);
}

static void compare(const char *what, size_t to, size_t from, size_t nbytes) {
    for (size_t i = 0; i < ROOM; i++)
        if (bytes[i] != expected[i]) {
            printf("FAIL %s to %zu from %zu, %zu bytes: byte %zu is %u, not %u\n", what, to, from,
                   nbytes, i, bytes[i], expected[i]);
            exit(1);
        }
}

/* Guards that bytes arrive as they were before the move, and that no other changes. */
static void move(size_t to, size_t from, size_t nbytes) {
    unsigned char held[ROOM];
    begin();
    for (size_t i = 0; i < nbytes; i++)
        held[i] = bytes[from + i];
    for (size_t i = 0; i < nbytes; i++)
        expected[to + i] = held[i];
    memmove(bytes + to, bytes + from, nbytes);
    compare("memmove", to, from, nbytes);
    if (to + nbytes > from && from + nbytes > to)
        return;
    begin();
    for (size_t i = 0; i < nbytes; i++)
        expected[to + i] = held[i];
    memcpy(bytes + to, bytes + from, nbytes);
    compare("memcpy", to, from, nbytes);
}

/* Guards that exactly these bytes get the value. */
static void set(size_t to, size_t nbytes) {
    begin();
    for (size_t i = 0; i < nbytes; i++)
        expected[to + i] = 0xa5;
    memset(bytes + to, 0x1a5, nbytes);
    compare("memset", to, 0, nbytes);
}

int main(void) {
    for (size_t nbytes = 0; nbytes <= LENGTH_MAX; nbytes += nbytes < 80 ? 1 : 37)
        for (size_t to = 0; to < 400; to += to < 90 ? 1 : 29) {
            set(to, nbytes);
            for (size_t from = 0; from < 400; from += from < 90 ? 3 : 29)
                move(to, from, nbytes);
        }
    printf("memory: all passed\n");
    return 0;
}
