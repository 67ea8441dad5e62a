/* The console: the terminal's line discipline over the serial port's driver.
 *
 * Keys edit one line; Enter makes it input, and waiting readers are served oldest first. Output
 * is sent before its writer is answered, so none is lost. Ctrl-C ends the foreground job, whose
 * process handles the shell gave through the control session. */
#include "user/servers/server.h"

#include "byre/syscall.h"
#include "drivers/uart.h"
#include "lib/string.h"
#include "user/runtime/memory.h"
#include "user/runtime/start.h"

#define BADGE_CONTROL 0 /* the shell's */
#define LINE_MAX_BYTES 1024
#define HISTORY 32
#define SIGNAL_INTERRUPT 2
#define CONTROL(letter) ((letter)&31)

struct line { /* input that nobody has read yet; no bytes: end of file */
    struct line *next;
    size_t nbytes, taken;
    char bytes[];
};

struct reader {
    struct reader *next;
    uint64_t token;
    size_t want;
};

struct job { /* a process of it; who reads from another comes before it: none sees another's end */
    struct job *next;
    long place;
    int process;
};

static int port, device, interrupt;
static struct line *lines, *reserve;
static bool reserve_used;
static struct reader *readers;
static struct job *foreground;
static bool interrupted; /* by Ctrl-C, which the shell has not heard of */
static char edit[LINE_MAX_BYTES];
static size_t length, cursor;
static char *history[HISTORY]; /* newest first */
static int history_at = -1;    /* -1: a new line */
static char escape;            /* how far into an escape sequence: 0, ESC, '[', its digit, '?' */

/* ---- Output ---- */

static void put(const char *text) { uart_put(text, string_length(text)); }

static void put_lines(const char *bytes, size_t nbytes) {
    while (nbytes) {
        size_t part = bytes_find(bytes, nbytes, '\n');
        uart_put(bytes, part);
        if (part < nbytes) {
            put("\r\n");
            part++;
        }
        bytes += part;
        nbytes -= part;
    }
}

/* A character of UTF-8 is a byte that begins it and some that go on with it. */
static bool goes_on(size_t at) { return at < length && (edit[at] & 0xc0) == 0x80; }

static size_t character_before(size_t at) {
    do
        at -= at > 0;
    while (goes_on(at));
    return at;
}

static size_t character_after(size_t at) {
    do
        at += at < length;
    while (goes_on(at));
    return at;
}

/* Move the screen's cursor over these bytes: a character is a column. */
static void put_back(size_t from, size_t to) {
    for (; to > from; to = character_before(to))
        put("\b");
}

/* Show the line again from `from` on; the screen's cursor stands there and ends at `cursor`. */
static void edit_show(size_t from) {
    uart_put(edit + from, length - from);
    put("\033[K");
    put_back(cursor, length);
}

/* The line that is being typed stands below all output: it goes and comes back. */
static void output(const char *bytes, size_t nbytes) {
    if (length) {
        put_back(0, cursor);
        put("\033[K");
    }
    put_lines(bytes, nbytes);
    if (length) {
        uart_put(edit, length);
        put_back(cursor, length);
    }
}

/* ---- Input that waits for readers, readers that wait for input ---- */

static void line_take(void) {
    struct line *line = lines;
    lines = line->next;
    if (line == reserve)
        reserve_used = false;
    else
        block_free(line);
}

/* No memory: there is one line in reserve, so that a command that ends a process gets through. */
static struct line *line_alloc(size_t nbytes) {
    struct line *line = block_alloc(sizeof *line + nbytes);
    if (line || reserve_used)
        return line;
    reserve_used = true;
    return reserve;
}

/* Hand the first line to the first reader that is still there. */
static void readers_serve(void) {
    while (readers && lines) {
        struct reader *reader = readers;
        struct line *line = lines;
        size_t left = line->nbytes - line->taken;
        size_t part = left < reader->want ? left : reader->want;
        long copied = server_write(reader->token, 0, line->bytes + line->taken, part);
        readers = reader->next;
        server_answer(reader->token, copied < 0 ? copied : (long)part);
        block_free(reader);
        if (copied < 0)
            continue;
        line->taken += part;
        if (line->taken == line->nbytes)
            line_take();
    }
}

static void line_add(const char *bytes, size_t nbytes) {
    struct line *line = line_alloc(nbytes);
    if (!line)
        return;
    *line = (struct line){.nbytes = nbytes};
    memcpy(line->bytes, bytes, nbytes);
    struct line **last = &lines;
    while (*last)
        last = &(*last)->next;
    *last = line;
    readers_serve();
}

static void history_add(void) {
    char *text = length ? block_alloc(length + 1) : NULL;
    if (!text)
        return;
    memcpy(text, edit, length);
    text[length] = 0;
    block_free(history[HISTORY - 1]);
    memmove(history + 1, history, (HISTORY - 1) * sizeof *history);
    history[0] = text;
}

/* ---- Editing ---- */

static void cursor_move(size_t to) {
    if (to < cursor)
        put_back(to, cursor);
    else
        uart_put(edit + cursor, to - cursor);
    cursor = to;
}

static void edit_remove(size_t from, size_t to) {
    cursor_move(from);
    memmove(edit + from, edit + to, length - to);
    length -= to - from;
    edit_show(from);
}

static void edit_insert(char byte) {
    if (length >= sizeof edit - 1)
        return;
    memmove(edit + cursor + 1, edit + cursor, length - cursor);
    edit[cursor] = byte;
    length++;
    cursor++;
    if (cursor == length) {
        uart_put(&byte, 1);
    } else {
        size_t from = character_before(cursor);
        put_back(from, cursor - 1);
        edit_show(from);
    }
}

static void edit_recall(int at) {
    if (at < -1 || at >= HISTORY || (at >= 0 && !history[at]))
        return;
    history_at = at;
    edit_remove(0, length);
    for (const char *p = at < 0 ? "" : history[at]; *p; p++)
        edit_insert(*p);
}

static void edit_enter(void) {
    put("\r\n");
    history_add();
    edit[length++] = '\n';
    line_add(edit, length);
    length = cursor = 0;
    history_at = -1;
}

static void job_forget(void) {
    while (foreground) {
        struct job *job = foreground;
        foreground = job->next;
        (void)sys_handle_close(job->process);
        block_free(job);
    }
}

/* A job in the foreground ends, and with it what was typed ahead for it. When there is none, the
 * readers learn that the line was abandoned. Without readers either, a job is about to begin,
 * or a read. */
static void edit_interrupt(void) {
    cursor_move(length);
    put("^C\r\n");
    length = cursor = 0;
    history_at = -1;
    while (foreground && lines)
        line_take();
    interrupted = foreground || !readers;
    for (struct job *job = foreground; job; job = job->next)
        (void)sys_process_kill(job->process, SIGNAL_INTERRUPT);
    while (!foreground && readers) {
        struct reader *reader = readers;
        readers = reader->next;
        server_answer(reader->token, -EINTR);
        block_free(reader);
    }
}

static size_t word_start(void) {
    size_t at = cursor;
    while (at && edit[at - 1] == ' ')
        at--;
    while (at && edit[at - 1] != ' ')
        at--;
    return at;
}

/* The letter that ends an escape sequence, or the one digit before its `~`. */
static void key_escaped(char key) {
    switch (key) {
    case 'A':
        edit_recall(history_at + 1);
        break;
    case 'B':
        edit_recall(history_at - 1);
        break;
    case 'C':
        cursor_move(character_after(cursor));
        break;
    case 'D':
        cursor_move(character_before(cursor));
        break;
    case 'H':
    case '1':
    case '7':
        cursor_move(0);
        break;
    case 'F':
    case '4':
    case '8':
        cursor_move(length);
        break;
    case '3':
        edit_remove(cursor, character_after(cursor));
        break;
    default:
        break;
    }
}

/* => whether the byte belonged to an escape sequence */
static bool escape_take(char byte) {
    if (byte == '\033') {
        escape = byte;
    } else if (!escape) {
        return false;
    } else if (escape == '\033') {
        escape = byte == '[' || byte == 'O' ? '[' : 0;
    } else if (byte >= '0' && byte <= '?') {
        escape = escape == '[' ? byte : '?';
    } else {
        key_escaped(byte == '~' ? escape : byte);
        escape = 0;
    }
    return true;
}

static void key_take(char byte) {
    if (escape_take(byte))
        return;
    switch (byte) {
    case '\r':
    case '\n':
        edit_enter();
        break;
    case '\b':
    case 127:
        edit_remove(character_before(cursor), cursor);
        break;
    case CONTROL('A'):
        cursor_move(0);
        break;
    case CONTROL('E'):
        cursor_move(length);
        break;
    case CONTROL('U'):
        edit_remove(0, cursor);
        break;
    case CONTROL('K'):
        edit_remove(cursor, length);
        break;
    case CONTROL('W'):
        edit_remove(word_start(), cursor);
        break;
    case CONTROL('C'):
        edit_interrupt();
        break;
    case CONTROL('D'):
        if (!length)
            line_add("", 0);
        break;
    case '\t': /* in pasted text; a character is a column here */
        edit_insert(' ');
        break;
    default:
        if ((unsigned char)byte >= ' ')
            edit_insert(byte);
    }
}

static void console_interrupt(uint64_t badge) {
    (void)badge;
    for (int byte; (byte = uart_get()) >= 0;)
        key_take((char)byte);
    (void)sys_interrupt_done(interrupt);
}

/* ---- Requests ---- */

static long console_read(struct request *request) {
    size_t want = (size_t)request->word[1];
    if (want > request->in_bytes)
        want = request->in_bytes;
    if (!want)
        return 0;
    /* It came between the shell's prompt and this. While there is a job it is for those that will
     * join: then this is the call of one that Ctrl-C has just ended. */
    if (interrupted && !foreground && !lines) {
        interrupted = false;
        return -EINTR;
    }
    struct reader *reader = block_alloc(sizeof *reader);
    if (!reader)
        return -ENOMEM;
    *reader = (struct reader){.token = request->token, .want = want};
    struct reader **last = &readers;
    while (*last)
        last = &(*last)->next;
    *last = reader;
    readers_serve();
    return SERVER_LATER;
}

static long console_write(struct request *request) {
    static char more[SERVER_DATA_MAX];
    size_t want = (size_t)request->word[1];
    if (want > request->out_bytes)
        want = request->out_bytes;
    size_t done = 0;
    while (done < want) {
        size_t part = want - done < sizeof more ? want - done : sizeof more;
        long copied = request_take(request, done, more, part);
        if (copied <= 0)
            return done ? (long)done : copied;
        output(more, (size_t)copied);
        done += (size_t)copied;
    }
    return (long)done;
}

/* Word 1 is 0: forget the job, tell of Ctrl-C. Else the process that was given joins the job, and
 * ends with it if it comes too late. */
static long console_foreground(struct request *request) {
    if (request->badge != BADGE_CONTROL)
        return -EPERM;
    if (!request->word[1]) {
        bool told = interrupted;
        interrupted = false;
        job_forget();
        return told;
    }
    /* Signal 0 ends nobody: it tells whether this is a process. */
    if (request->handle < 0 || sys_process_kill(request->handle, 0) == -EBADF)
        return -EBADF;
    struct job *job = block_alloc(sizeof *job);
    if (!job)
        return -ENOMEM;
    struct job **link = &foreground;
    while (*link && (*link)->place > request->word[2])
        link = &(*link)->next;
    *job =
        (struct job){.next = *link, .place = request->word[2], .process = request_handle(request)};
    *link = job;
    if (interrupted)
        (void)sys_process_kill(job->process, SIGNAL_INTERRUPT);
    return 0;
}

static long console_stat(struct request *request) {
    static const struct protocol_stat stat = {.mode = MODE_DEVICE | 0600, .links = 1};
    if (request->in_bytes < sizeof stat)
        return -EINVAL;
    request->reply_data = &stat;
    request->reply_bytes = sizeof stat;
    return 0;
}

static long console_call(struct request *request) {
    bool moves = request->word[0] == OP_READ || request->word[0] == OP_WRITE;
    if (moves && request->word[2] != PROTOCOL_CURRENT)
        return -ESPIPE;
    switch (request->word[0]) {
    case OP_READ:
        return console_read(request);
    case OP_WRITE:
        return console_write(request);
    case OP_FOREGROUND:
        return console_foreground(request);
    case OP_STAT:
        return console_stat(request);
    case OP_ISATTY:
        return 1;
    case OP_FLAGS:
        return OPEN_READ_WRITE;
    case OP_SEEK:
        return -ESPIPE;
    default:
        return -ENOSYS;
    }
}

static void console_closed(uint64_t badge) {
    if (badge == BADGE_CONTROL)
        job_forget();
}

int main(void) {
    port = (int)argument_number("port");
    device = (int)argument_number("device");
    interrupt = (int)argument_number("interrupt");
    reserve = block_alloc(sizeof *reserve + LINE_MAX_BYTES);
    if (!reserve || uart_open(device) < 0 || sys_interrupt_bind(interrupt, port, 0) < 0)
        return 1;
    const struct server server = {.port = port,
                                  .call = console_call,
                                  .closed = console_closed,
                                  .interrupt = console_interrupt};
    server_run(&server);
}
