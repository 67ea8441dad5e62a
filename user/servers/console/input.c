/* Lines, bytes, and the queue of readers. */
#include "user/servers/console/input.h"

#include "lib/string.h"
#include "user/runtime/memory.h"
#include "user/servers/console/editor.h"
#include "user/servers/waiter.h"

#define STREAM_BYTES 16384
#define LIMIT (1 << 20) /* bytes of lines that nobody reads, and of waiting calls, each */

struct line { /* no bytes: end of file */
    struct line *next;
    size_t nbytes, taken;
    char bytes[];
};

static struct line *lines, *reserve;
static bool reserve_used;
static char stream[STREAM_BYTES]; /* a ring */
static size_t start, used;
static bool ended;
static struct waiters readers;

int input_init(void) {
    clients_limit(LIMIT, LIMIT);
    reserve = block_alloc(sizeof *reserve + EDITOR_LINE_MAX);
    return reserve ? 0 : -ENOMEM;
}

/* ---- Lines ---- */

static struct line *line_alloc(size_t nbytes) {
    struct line *line = NULL;
    if (client_claim(&client_first, CLAIM_KEPT, sizeof *line + nbytes) == 0) {
        line = block_alloc(sizeof *line + nbytes);
        if (line)
            return line;
        client_release(&client_first, CLAIM_KEPT, sizeof *line + nbytes);
    }
    if (reserve_used)
        return NULL;
    reserve_used = true;
    return reserve;
}

static void line_remove(void) {
    struct line *line = lines;
    lines = line->next;
    if (line == reserve) {
        reserve_used = false;
        return;
    }
    client_release(&client_first, CLAIM_KEPT, sizeof *line + line->nbytes);
    block_free(line);
}

bool input_line(const char *bytes, size_t nbytes) {
    struct line *line = line_alloc(nbytes), **last = &lines;
    if (!line)
        return false;
    *line = (struct line){.nbytes = nbytes};
    memcpy(line->bytes, bytes, nbytes);
    while (*last)
        last = &(*last)->next;
    *last = line;
    input_serve();
    return true;
}

void input_forget(void) {
    while (lines)
        line_remove();
}

/* => bytes given, or a negative errno and the line is as it was */
static long line_give(const struct waiter *reader) {
    size_t part = min_u64(lines->nbytes - lines->taken, reader->want);
    long error = server_write(reader->token, 0, lines->bytes + lines->taken, part);
    if (error < 0)
        return error;
    lines->taken += part;
    if (lines->taken == lines->nbytes)
        line_remove();
    return (long)part;
}

/* ---- Bytes ---- */

size_t input_room(void) { return sizeof stream - used; }

void input_byte(char byte) { stream[(start + used++) % sizeof stream] = byte; }

void input_end(void) { ended = true; }

/* As line_give; at the end 0. */
static long bytes_give(const struct waiter *reader) {
    size_t part = min_u64(min_u64(used, sizeof stream - start), reader->want);
    long error = server_write(reader->token, 0, stream + start, part);
    if (error < 0)
        return error;
    start = (start + part) % sizeof stream;
    used -= part;
    return (long)part;
}

/* ---- Readers ---- */

bool input_is_awaited(void) {
    waiters_sweep(&readers);
    return readers.first;
}

bool input_has_lines(void) { return lines; }

void input_serve(void) {
    while (readers.first && (lines || used || ended))
        waiter_answer(&readers, lines ? line_give(readers.first) : bytes_give(readers.first));
}

long input_read(const struct request *request, size_t want) {
    int error = waiter_add(
        &readers, &(struct waiter){.client = &client_first, .token = request->token, .want = want});
    if (error)
        return error;
    input_serve();
    return SERVER_LATER;
}

void input_interrupt(void) {
    while (readers.first)
        waiter_answer(&readers, -EINTR);
}
