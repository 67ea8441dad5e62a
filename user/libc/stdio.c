/* Streams of picolibc over descriptors, as POSIX wants them.
 *
 * picolibc formats, scans and fills buffers. What it does not know is here: which streams are open,
 * so that all are flushed at exit and by fflush(NULL); and that what was read ahead is given back
 * by moving the file's offset, or kept when the file has none. Whether standard output is a
 * terminal, and so wants each line at once, is asked when the first byte is written. */
#include <errno.h>
#include <fcntl.h>
#include <stdio-bufio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/libc/lock.h"
#include "user/libc/streams.h"

#define BUFFER 4096 /* one message carries so much as well as it carries BUFSIZ */

struct stream {
    struct __file_bufio buffered; /* first, so that a FILE is its stream */
    struct __lock lock;           /* picolibc takes it for each byte, and flockfile for longer */
    struct stream *next;
};

static int first_put(char byte, FILE *file);
static int stream_put(char byte, FILE *file);
static int refused_put(char byte, FILE *file);
static int refused_get(FILE *file);
static int stream_flush(FILE *file);
static int stream_close(FILE *file);
static off_t stream_seek(FILE *file, off_t offset, int whence);
static int stream_setvbuf(FILE *file, char *buffer, int mode, size_t nbytes);

static char in_buffer[BUFFER], out_buffer[BUFFER], error_buffer[256];

/* Every stream may be asked to read and to write; `put` and `get` may refuse. */
#define STREAM(own, number, bytes, put, get, following)                                            \
    {                                                                                              \
        .buffered = {.xfile = FDEV_SETUP_EXT(put, get, stream_flush, stream_close, stream_seek,    \
                                             stream_setvbuf, __SRD | __SWR | __SBUF),              \
                     .fd = number,                                                                 \
                     .buf = bytes,                                                                 \
                     .size = sizeof bytes,                                                         \
                     .read = read,                                                                 \
                     .write = write,                                                               \
                     .lseek = lseek,                                                               \
                     .close = close,                                                               \
                     .lock = &(own)->lock},                                                        \
        .next = following                                                                          \
    }

static struct stream in = STREAM(&in, 0, in_buffer, refused_put, __bufio_get, NULL);
static struct stream out = STREAM(&out, 1, out_buffer, first_put, refused_get, &in);
static struct stream error = STREAM(&error, 2, error_buffer, stream_put, refused_get, &out);
static struct stream *streams = &error;
static struct __lock streams_lock; /* taken before a stream's own */

FILE *const stdin = &in.buffered.xfile.cfile.file;
FILE *const stdout = &out.buffered.xfile.cfile.file;
FILE *const stderr = &error.buffered.xfile.cfile.file;

static struct __file_bufio *buffered_of(FILE *file) { return (struct __file_bufio *)file; }

static FILE *file_of(struct stream *stream) { return &stream->buffered.xfile.cfile.file; }

static int first_put(char byte, FILE *file) {
    if (isatty(buffered_of(file)->fd))
        buffered_of(file)->bflags |= __BLBF;
    file->put = stream_put;
    return stream_put(byte, file);
}

/* At the start and, after the program's own handlers, at exit. */
__attribute__((constructor)) static void streams_begin(void) { error.buffered.bflags |= __BLBF; }

__attribute__((destructor)) static void streams_end(void) { (void)fflush(NULL); }

/* ---- What a stream does ---- */

static int stream_put(char byte, FILE *file) {
    int result = __bufio_put(byte, file);
    if (result < 0)
        file->flags |= __SERR;
    return result;
}

static int refused_put(char byte, FILE *file) {
    (void)byte;
    errno = EBADF;
    file->flags |= __SERR;
    return _FDEV_ERR;
}

static int refused_get(FILE *file) {
    (void)file;
    errno = EBADF;
    return _FDEV_ERR;
}

static void stream_allow(FILE *file, int how) {
    file->put = !(how & __SWR) ? refused_put : file == stdout ? first_put : stream_put;
    file->get = (how & __SRD) ? __bufio_get : refused_get;
}

/* What was read ahead goes back to the file: the next to read may be another process. */
static int unread_return(struct __file_bufio *buffered) {
    int unread = buffered->len - buffered->off, before = errno;
    if (unread == 0 || lseek(buffered->fd, -(off_t)unread, SEEK_CUR) >= 0)
        buffered->len = buffered->off = 0;
    errno = before;
    return 0;
}

static int stream_flush(FILE *file) {
    struct __file_bufio *buffered = buffered_of(file);
    if (buffered->dir == __SRD)
        return unread_return(buffered);
    int result = __bufio_flush(file);
    if (result < 0)
        file->flags |= __SERR;
    return result;
}

/* Others share the offset, so where the file stands is asked and not remembered. */
static off_t stream_seek(FILE *file, off_t offset, int whence) {
    struct __file_bufio *buffered = buffered_of(file);
    if (buffered->dir == __SWR && stream_flush(file) < 0)
        return -1;
    off_t now = lseek(buffered->fd, 0, SEEK_CUR);
    if (now < 0)
        return -1;
    buffered->pos = now;
    return __bufio_seek(file, offset, whence);
}

static int stream_setvbuf(FILE *file, char *buffer, int mode, size_t nbytes) {
    if (nbytes == 0 && mode != _IONBF)
        nbytes = BUFFER;
    (void)stream_flush(file);
    if (file->put == first_put)
        file->put = stream_put;
    return __bufio_setvbuf(file, buffer, mode, nbytes);
}

static int stream_close(FILE *file) {
    struct __file_bufio *buffered = buffered_of(file);
    struct stream **link = &streams;
    int result = stream_flush(file);
    guard_begin(&streams_lock);
    while (*link && file_of(*link) != file)
        link = &(*link)->next;
    if (*link)
        *link = (*link)->next;
    guard_end(&streams_lock);
    if (buffered->bflags & __BALL)
        free(buffered->buf);
    if (close(buffered->fd) < 0)
        result = EOF;
    if (file != stdin && file != stdout && file != stderr)
        free(file);
    return result < 0 ? EOF : 0;
}

int fflush(FILE *file) {
    int result = 0;
    if (file)
        return file->flush ? file->flush(file) : 0;
    guard_begin(&streams_lock);
    for (struct stream *stream = streams; stream; stream = stream->next)
        if (stream_flush(file_of(stream)) < 0)
            result = EOF;
    guard_end(&streams_lock);
    return result;
}

/* The list is whole at every moment: a stream comes and goes by one store. */
void streams_unlock(void) {
    streams_lock = (struct __lock){0};
    for (struct stream *stream = streams; stream; stream = stream->next)
        stream->lock = (struct __lock){0};
}

/* ---- Opening ---- */

/* => __SRD and __SWR as the mode allows, and what open wants in *flags; 0 and errno: no mode */
static int mode_read(const char *mode, int *flags) {
    const char *letters = mode + 1;
    int how = strchr(letters, '+') ? __SRD | __SWR : *mode == 'r' ? __SRD : __SWR;
    if (!*mode || !strchr("rwa", *mode) || letters[strspn(letters, "+bxet")]) {
        errno = EINVAL;
        return 0;
    }
    *flags = how == __SRD ? O_RDONLY : how == __SWR ? O_WRONLY : O_RDWR;
    if (*mode != 'r')
        *flags |= O_CREAT | (*mode == 'a' ? O_APPEND : O_TRUNC);
    if (strchr(letters, 'x'))
        *flags |= O_EXCL;
    if (strchr(letters, 'e'))
        *flags |= O_CLOEXEC;
    return how;
}

static FILE *stream_open(int number, int how) {
    struct stream *stream = malloc(sizeof *stream);
    char *buffer = malloc(BUFFER);
    if (!stream || !buffer) {
        free(stream);
        free(buffer);
        return NULL;
    }
    *stream = (struct stream)STREAM(stream, number, in_buffer, stream_put, __bufio_get, streams);
    stream_allow(file_of(stream), how);
    stream->buffered.buf = buffer;
    stream->buffered.bflags = __BALL | (isatty(number) ? __BLBF : 0);
    guard_begin(&streams_lock);
    stream->next = streams;
    streams = stream;
    guard_end(&streams_lock);
    return file_of(stream);
}

FILE *fdopen(int number, const char *mode) {
    int wanted, how = mode_read(mode, &wanted), flags = fcntl(number, F_GETFL);
    if (!how || flags < 0)
        return NULL;
    int opened = flags & O_ACCMODE;
    if (opened != O_RDWR && opened != (wanted & O_ACCMODE)) {
        errno = EINVAL;
        return NULL;
    }
    if (wanted & O_APPEND & ~flags)
        (void)fcntl(number, F_SETFL, flags | O_APPEND);
    return stream_open(number, how);
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
    int flags, how = mode_read(mode, &flags);
    int number = how ? open(path, flags, 0666) : -1;
    if (number < 0)
        return NULL;
    FILE *file = stream_open(number, how);
    if (!file)
        (void)close(number);
    else if (*mode == 'a')
        (void)lseek(number, 0, SEEK_END);
    return file;
}

/* The stream keeps its descriptor, so that who shares it by number goes along. */
FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict file) {
    struct __file_bufio *buffered = buffered_of(file);
    int flags, how = mode_read(mode, &flags);
    (void)fflush(file);
    int number = how && path ? open(path, flags, 0666) : -1;
    if (!path)
        errno = EBADF;
    if (number < 0) {
        int before = errno;
        (void)fclose(file);
        errno = before;
        return NULL;
    }
    if (number != buffered->fd) {
        (void)dup2(number, buffered->fd);
        (void)close(number);
    }
    buffered->dir = 0;
    buffered->len = buffered->off = 0;
    file->unget = 0;
    file->flags &= (uint8_t) ~(__SERR | __SEOF);
    stream_allow(file, how);
    if (file == stdout)
        buffered->bflags &= (uint8_t)~__BLBF;
    return file;
}

FILE *tmpfile(void) {
    char path[] = "/tmp/tmpXXXXXX";
    int number = mkstemp(path);
    if (number < 0)
        return NULL;
    (void)unlink(path);
    FILE *file = stream_open(number, __SRD | __SWR);
    if (!file)
        (void)close(number);
    return file;
}
