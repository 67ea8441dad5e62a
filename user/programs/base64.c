/* base64 [FILE]: print a file, or standard input, as text: three bytes in four characters. */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define LINE_BYTES 57 /* 76 characters */
#define LINES 256
#define LINE_CHARACTERS (LINE_BYTES / 3 * 4 + 1)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* => the end of the text; behind the last byte there are two that are zero */
static char *encode(const unsigned char *bytes, size_t nbytes, char *text) {
    for (size_t i = 0; i < nbytes; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        *text++ = digits[three >> 18];
        *text++ = digits[three >> 12 & 63];
        *text++ = i + 1 < nbytes ? digits[three >> 6 & 63] : '=';
        *text++ = i + 2 < nbytes ? digits[three & 63] : '=';
    }
    *text++ = '\n';
    return text;
}

static void print(const char *text, size_t nbytes) {
    for (size_t done = 0; done < nbytes;) {
        ssize_t part = write(1, text + done, nbytes - done);
        if (part <= 0)
            err(1, "standard output");
        done += (size_t)part;
    }
}

/* Fill the buffer as far as there is something. => how many bytes, -1 on an error */
static ssize_t read_whole(int file, unsigned char *bytes, size_t nbytes) {
    size_t done = 0;
    ssize_t part = 1;
    while (part > 0 && done < nbytes) {
        part = read(file, bytes + done, nbytes - done);
        done += part > 0 ? (size_t)part : 0;
    }
    return part < 0 ? -1 : (ssize_t)done;
}

int main(int argc, char **argv) {
    static unsigned char bytes[LINES * LINE_BYTES + 2];
    static char text[LINES * LINE_CHARACTERS];
    if (argc > 2)
        errx(2, "usage: base64 [FILE]");
    int file = argc == 2 ? open(argv[1], O_RDONLY) : 0;
    if (file < 0)
        err(1, "%s", argv[1]);
    ssize_t n;
    while ((n = read_whole(file, bytes, LINES * LINE_BYTES)) > 0) {
        char *end = text;
        bytes[n] = bytes[n + 1] = 0;
        for (ssize_t i = 0; i < n; i += LINE_BYTES)
            end = encode(bytes + i, (size_t)(n - i < LINE_BYTES ? n - i : LINE_BYTES), end);
        print(text, (size_t)(end - text));
    }
    if (n < 0)
        err(1, "%s", argc == 2 ? argv[1] : "standard input");
    return 0;
}
