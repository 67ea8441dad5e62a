/* Functions of POSIX's <stdio.h> that picolibc lacks, on top of those that it has. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/libc/lock.h"

/* ---- Lines of any length ---- */

/* Room for one byte more and the ending 0. => 0, or -1 and errno */
static int line_grow(char **line, size_t *nbytes, size_t length) {
    if (*line && length + 2 <= *nbytes)
        return 0;
    size_t room = *line && *nbytes >= 64 ? 2 * *nbytes : 128;
    char *grown = realloc(*line, room);
    if (!grown)
        return -1;
    *line = grown;
    *nbytes = room;
    return 0;
}

ssize_t getdelim(char **restrict line, size_t *restrict nbytes, int delimiter,
                 FILE *restrict stream) {
    size_t length = 0;
    int byte = 0;
    if (!line || !nbytes) {
        errno = EINVAL;
        return -1;
    }
    while (byte != EOF && (length == 0 || byte != delimiter)) {
        if (line_grow(line, nbytes, length) < 0)
            return -1;
        byte = getc(stream);
        if (byte != EOF)
            (*line)[length++] = (char)byte;
    }
    (*line)[length] = 0;
    return length ? (ssize_t)length : -1;
}

ssize_t getline(char **restrict line, size_t *restrict nbytes, FILE *restrict stream) {
    return getdelim(line, nbytes, '\n', stream);
}

/* ---- Formatting to a descriptor ---- */

int vdprintf(int file, const char *restrict format, va_list arguments) {
    char *text;
    int length = vasprintf(&text, format, arguments);
    if (length < 0)
        return -1;
    for (int done = 0; done < length;) {
        ssize_t part = write(file, text + done, (size_t)(length - done));
        if (part < 0) {
            length = -1;
            break;
        }
        done += (int)part;
    }
    free(text);
    return length;
}

int dprintf(int file, const char *restrict format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vdprintf(file, format, arguments);
    va_end(arguments);
    return length;
}

void psignal(int signal, const char *text) {
    fprintf(stderr, "%s%s%s\n", text ? text : "", text && *text ? ": " : "", strsignal(signal));
}

/* ---- Places ---- */

int fgetpos(FILE *stream, fpos_t *place) {
    *place = ftello(stream);
    return *place < 0 ? -1 : 0;
}

int fsetpos(FILE *stream, fpos_t *place) { return fseeko(stream, *place, SEEK_SET); }

/* ---- A stream for one thread at a time ---- */

static struct __lock *lock_of(FILE *stream) { return ((struct __file_bufio *)stream)->lock; }

void flockfile(FILE *stream) { guard_begin(lock_of(stream)); }
void funlockfile(FILE *stream) { guard_end(lock_of(stream)); }

int ftrylockfile(FILE *stream) { return guard_try && !guard_try(lock_of(stream)); }

int getc_unlocked(FILE *stream) { return getc(stream); }
int getchar_unlocked(void) { return getchar(); }
int putc_unlocked(int byte, FILE *stream) { return putc(byte, stream); }
int putchar_unlocked(int byte) { return putchar(byte); }
