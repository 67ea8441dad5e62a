/* The standard streams of picolibc, over descriptors 0, 1 and 2.
 *
 * Whether standard output is a terminal, and so wants each line at once, is asked when the first
 * byte is written: a program that writes nothing pays nothing. */
#include <stdio-bufio.h>
#include <stdio.h>
#include <unistd.h>

static int first_put(char byte, FILE *stream);

static char in_buffer[BUFSIZ], out_buffer[BUFSIZ], error_buffer[256];

static struct __file_bufio in =
    FDEV_SETUP_BUFIO(0, in_buffer, sizeof in_buffer, read, write, lseek, close, __SRD, 0);
static struct __file_bufio out =
    FDEV_SETUP_BUFIO(1, out_buffer, sizeof out_buffer, read, write, lseek, close, __SWR, 0);
static struct __file_bufio error = FDEV_SETUP_BUFIO(2, error_buffer, sizeof error_buffer, read,
                                                    write, lseek, close, __SWR, __BLBF);

FILE *const stdin = &in.xfile.cfile.file;
FILE *const stdout = &out.xfile.cfile.file;
FILE *const stderr = &error.xfile.cfile.file;

static int first_put(char byte, FILE *stream) {
    if (isatty(out.fd))
        out.bflags |= __BLBF;
    stream->put = __bufio_put;
    return __bufio_put(byte, stream);
}

__attribute__((constructor)) static void streams_begin(void) { stdout->put = first_put; }

/* At exit, after the program's own handlers. */
__attribute__((destructor)) static void streams_end(void) {
    fflush(stdout);
    fflush(stderr);
}
