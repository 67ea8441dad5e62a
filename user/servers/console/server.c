/* The console: the serial port's driver, and who gets what.
 *
 * Output is sent before its writer is answered, so none is lost; a long write is answered when a
 * part of it is sent, so that nobody waits for another's. Input is edited lines, or with
 * `transparent` the bytes that the other side of the serial port sends, as they are. It stops
 * taking them while its buffer is full, and then the other side waits. docs/user-land.md tells of
 * the terminal, docs/protocols.md of transparent input. */
#include "user/servers/server.h"

#include "byre/syscall.h"
#include "drivers/uart.h"
#include "user/runtime/start.h"
#include "user/servers/console/editor.h"
#include "user/servers/console/input.h"
#include "user/servers/console/job.h"

#define BADGE_CONTROL 0 /* the shell's */
#define WRITE_MAX 16384 /* bytes of one write */

/* Transparent input: a byte after ESCAPE is one of these, or has bit 6 turned round. */
#define ESCAPE 0x10
#define ESCAPED_END '.'
#define ESCAPED_BIT 0x40

static int port, interrupt;
static bool plain;       /* output goes as it is: it is no terminal's */
static bool transparent; /* so does input */
static bool escaped;     /* the byte before was ESCAPE */
static bool full;        /* bytes may wait in the serial port, with its interrupt held back */

/* ---- Input ---- */

/* When there is no job, whoever reads is the shell: it shows its prompt again. */
static void readers_interrupt(void) {
    if (!job_exists())
        input_interrupt();
}

/* A job in the foreground ends, and with it what was typed ahead for it. Without a job and without
 * readers one is about to begin, or a read. */
static void interrupt_typed(void) {
    if (job_exists())
        input_forget();
    if (job_exists() || !input_is_awaited())
        job_interrupt();
    readers_interrupt();
}

static void line_typed(void) {
    size_t nbytes;
    const char *line = editor_line(&nbytes);
    if (!input_line(line, nbytes))
        editor_output("no memory for the line, which is lost\n", 38);
}

static void key_take(char byte) {
    switch (editor_key(byte)) {
    case EDIT_LINE:
        line_typed();
        break;
    case EDIT_END:
        (void)input_line("", 0);
        break;
    case EDIT_INTERRUPT:
        interrupt_typed();
        break;
    case EDIT_TOO_LONG:
        readers_interrupt();
        break;
    case EDIT_GOES_ON:
        break;
    }
}

static void byte_take(char byte) {
    if (!escaped && byte == ESCAPE) {
        escaped = true;
        return;
    }
    if (escaped && byte == ESCAPED_END)
        input_end();
    else
        input_byte(escaped ? byte ^ ESCAPED_BIT : byte);
    escaped = false;
}

/* Take what the serial port has, as far as there is room for it. */
static void port_take(void) {
    int byte = 0;
    while ((!transparent || input_room() > 0) && (byte = uart_get()) >= 0)
        (transparent ? byte_take : key_take)((char)byte);
    full = byte >= 0;
    input_serve();
    if (!full)
        (void)sys_interrupt_done(interrupt);
}

static void console_interrupt(uint64_t badge) {
    (void)badge;
    port_take();
}

/* ---- Requests ---- */

static long console_read(struct request *request) {
    size_t want = min_u64((size_t)request->word[1], request->in_bytes);
    if (!want)
        return 0;
    if (!input_has_lines() && job_interrupt_take())
        return -EINTR; /* it came between the shell's prompt and this */
    long result = input_read(request, want);
    while (full && input_room() > 0)
        port_take();
    return result;
}

static long console_write(struct request *request) {
    static char part[SERVER_DATA_MAX];
    size_t want = min_u64(min_u64((size_t)request->word[1], request->out_bytes), WRITE_MAX);
    for (size_t done = 0, nbytes; done < want; done += nbytes) {
        nbytes = min_u64(want - done, sizeof part);
        long error = request_take(request, done, part, nbytes);
        if (error < 0)
            return done ? (long)done : error;
        (plain ? uart_put : editor_output)(part, nbytes);
    }
    return (long)want;
}

/* Word 1 is 0: there is no job; was there a Ctrl-C? Else the process that was given joins it. */
static long console_foreground(struct request *request) {
    if (request->badge != BADGE_CONTROL)
        return -EPERM;
    if (!request->word[1])
        return job_end();
    int error = job_add(request->handle, request->word[2]);
    if (!error)
        (void)request_handle(request);
    return error;
}

static long console_stat(struct request *request) {
    static struct protocol_stat stat;
    stat = (struct protocol_stat){.device = DEVICE_CONSOLE,
                                  .inode = 1,
                                  .mode = (transparent ? MODE_PIPE : MODE_DEVICE) | 0600,
                                  .links = 1,
                                  .best = SERVER_DATA_MAX};
    return request_stat(request, &stat);
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
        return !transparent;
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
        (void)job_end();
}

int main(void) {
    port = (int)argument_number("port");
    interrupt = (int)argument_number("interrupt");
    plain = argument_number("plain") > 0;
    transparent = argument_number("transparent") > 0;
    if (input_init() < 0 || uart_open((int)argument_number("device")) < 0 ||
        sys_interrupt_bind(interrupt, port, 0) < 0)
        return 1;
    const struct server server = {.port = port,
                                  .call = console_call,
                                  .closed = console_closed,
                                  .interrupt = console_interrupt};
    server_run(&server);
}
