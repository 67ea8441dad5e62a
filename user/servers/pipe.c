/* Pipes: a 64 KiB ring each; bytes go straight between the ring and the two clients.
 *
 * A reader of an empty ring and a writer of a full one wait by not being answered. Whenever the
 * ring or an end changes, pipe_progress serves the waiters in order. The ends' sessions count
 * who is there: no writer left is end of file, no reader left is EPIPE. A write of up to
 * PROTOCOL_PIPE_WHOLE bytes goes in whole or waits. A write that finds no memory for the ring's
 * next pages fails with ENOMEM, or tells the part that went in. */
#include "user/servers/server.h"

#include "byre/syscall.h"
#include "user/runtime/memory.h"
#include "user/runtime/start.h"

#define RING 65536
#define PAGE USER_PAGE_SIZE
#define SHARE_MIN (8 * PAGE) /* a move of so many bytes shares the whole pages in it */

struct waiter {
    struct waiter *next;
    uint64_t token;
    const struct request *request; /* NULL: it had to wait, and is known by its token alone */
    size_t want;
    size_t done; /* of a write: bytes already in the ring */
};

struct pipe {
    struct waiter *readers, *writers; /* oldest first */
    size_t start, used;
    size_t reached; /* bytes of the ring, in whole pages, that are filled and ours alone */
    bool open[2];   /* whether the reading, the writing end has a session */
    int flags[2];   /* OPEN_NONBLOCK: a call that would wait is EAGAIN */
    _Alignas(PAGE) char ring[RING];
};

enum { END_READ, END_WRITE };
#define BADGE_CREATE 0 /* init's session; a pipe's end is its address + END_* */

static int port;

/* One waiter is kept for the next: most pipes have one at a time. */
static struct waiter *spare;

static struct waiter *waiter_alloc(void) {
    struct waiter *waiter = spare;
    spare = NULL;
    return waiter ? waiter : block_alloc(sizeof *waiter);
}

static void waiter_free(struct waiter *waiter) {
    block_free(spare);
    spare = waiter;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Pages of the ring from `place` on become a client's too, or a client's become the ring's. */
static void ring_lend(struct pipe *pipe, size_t place) {
    pipe->reached = least(pipe->reached, place / PAGE * PAGE);
}

/* => as server_write */
static long reader_give(struct pipe *pipe, uint64_t token, size_t offset, size_t place,
                        size_t nbytes) {
    if (nbytes < SHARE_MIN)
        return server_write(token, offset, pipe->ring + place, nbytes);
    ring_lend(pipe, place);
    return server_write_shared(token, offset, pipe->ring + place, nbytes);
}

/* Move up to `want` bytes out to the reader. => bytes, or -errno and the ring is unchanged */
static long ring_take(struct pipe *pipe, uint64_t token, size_t want) {
    size_t total = least(want, pipe->used), first = least(total, RING - pipe->start);
    long error = reader_give(pipe, token, 0, pipe->start, first);
    if (error >= 0 && total > first)
        error = reader_give(pipe, token, first, 0, total - first);
    if (error < 0)
        return error;
    pipe->start = (pipe->start + total) % RING;
    pipe->used -= total;
    if (!pipe->used)
        pipe->start = 0; /* the next write needs no second part */
    return (long)total;
}

/* Fill the ring's pages before we store to them. => 0 or -ENOMEM: as it was */
static long ring_reach(struct pipe *pipe, size_t end) {
    if (end <= pipe->reached)
        return 0;
    size_t reached = (end + PAGE - 1) / PAGE * PAGE;
    long error = sys_fill((uintptr_t)pipe->ring + pipe->reached, reached - pipe->reached);
    if (!error)
        pipe->reached = reached;
    return error;
}

/* => as server_read */
static long writer_take(struct pipe *pipe, const struct waiter *waiter, size_t offset, size_t place,
                        size_t nbytes) {
    char *to = pipe->ring + place;
    if (nbytes >= SHARE_MIN) {
        ring_lend(pipe, place);
        return server_read_shared(waiter->token, offset, to, nbytes);
    }
    long error = ring_reach(pipe, place + nbytes);
    if (error)
        return error;
    return waiter->request ? request_take(waiter->request, offset, to, nbytes)
                           : server_read(waiter->token, offset, to, nbytes);
}

/* Move as much as there is room for in from the writer. => as ring_take */
static long ring_put(struct pipe *pipe, const struct waiter *waiter) {
    size_t end = (pipe->start + pipe->used) % RING;
    size_t total = least(waiter->want - waiter->done, RING - pipe->used);
    size_t first = least(total, RING - end);
    long error = writer_take(pipe, waiter, waiter->done, end, first);
    if (error >= 0 && total > first)
        error = writer_take(pipe, waiter, waiter->done + first, 0, total - first);
    if (error < 0)
        return error;
    pipe->used += total;
    return (long)total;
}

/* => the read's result, or SERVER_LATER */
static long read_try(struct pipe *pipe, struct waiter *waiter) {
    if (pipe->used)
        return ring_take(pipe, waiter->token, waiter->want);
    return pipe->open[END_WRITE] ? SERVER_LATER : 0;
}

static long write_try(struct pipe *pipe, struct waiter *waiter) {
    size_t left = waiter->want - waiter->done, room = RING - pipe->used;
    if (!pipe->open[END_READ])
        return waiter->done ? (long)waiter->done : -EPIPE;
    if (room == 0 || (waiter->want <= PROTOCOL_PIPE_WHOLE && room < left))
        return SERVER_LATER;
    long moved = ring_put(pipe, waiter);
    if (moved < 0)
        return waiter->done ? (long)waiter->done : moved;
    waiter->done += (size_t)moved;
    return waiter->done == waiter->want ? (long)waiter->done : SERVER_LATER;
}

/* Serve one queue from its head. => whether anyone was answered */
static bool queue_progress(struct pipe *pipe, struct waiter **queue,
                           long (*try)(struct pipe *, struct waiter *)) {
    bool answered = false;
    while (*queue) {
        struct waiter *waiter = *queue;
        long result = try(pipe, waiter);
        if (result == SERVER_LATER)
            break;
        *queue = waiter->next;
        server_answer(waiter->token, result);
        waiter_free(waiter);
        answered = true;
    }
    return answered;
}

/* A partial write fills the ring for a reader, and a read makes room for a writer. */
static void pipe_progress(struct pipe *pipe) {
    do
        queue_progress(pipe, &pipe->writers, write_try);
    while (queue_progress(pipe, &pipe->readers, read_try));
}

/* Try at once when nobody is ahead; else, or when it must wait, join the queue. */
static long pipe_move(struct pipe *pipe, int end, const struct request *request) {
    struct waiter **queue = end == END_READ ? &pipe->readers : &pipe->writers;
    size_t offered = end == END_READ ? request->in_bytes : request->out_bytes;
    struct waiter now = {.token = request->token,
                         .request = request,
                         .want = least((size_t)request->word[1], offered)};
    if (now.want == 0)
        return 0;
    if (!*queue) {
        long result = end == END_READ ? read_try(pipe, &now) : write_try(pipe, &now);
        if (result != SERVER_LATER) {
            pipe_progress(pipe);
            return result;
        }
    }
    bool waits = !(pipe->flags[end] & OPEN_NONBLOCK);
    struct waiter *waiter = waits ? waiter_alloc() : NULL;
    if (!waiter) {
        pipe_progress(pipe);
        return now.done ? (long)now.done : waits ? -ENOMEM : -EAGAIN;
    }
    *waiter = now;
    waiter->request = NULL;
    while (*queue)
        queue = &(*queue)->next;
    *queue = waiter;
    pipe_progress(pipe);
    return SERVER_LATER;
}

static long end_open(struct pipe *pipe, int end, struct request *request) {
    if (pipe->open[end])
        return -EBUSY;
    int handle = server_session(port, (uint64_t)(uintptr_t)pipe + (uint64_t)end);
    if (handle < 0)
        return handle;
    pipe->open[end] = true;
    request->reply_handle = handle;
    return 0;
}

/* A pipe is a mapping of its own: pages that its ring never reached cost nothing. */
static void pipe_free(struct pipe *pipe) {
    if (sys_unmap((uintptr_t)pipe, sizeof *pipe) < 0) /* no memory for splitting a region */
        (void)sys_discard((uintptr_t)pipe, sizeof *pipe);
}

static long pipe_create(struct request *request) {
    long address = sys_map(0, sizeof(struct pipe), MAP_READ | MAP_WRITE);
    if (address < 0)
        return -ENOMEM;
    long result = sys_fill((uintptr_t)address, offsetof(struct pipe, ring));
    if (!result)
        result = end_open((struct pipe *)address, END_READ, request);
    if (result < 0)
        pipe_free((struct pipe *)address);
    return result;
}

static long pipe_stat(struct request *request) {
    static const struct protocol_stat stat = {.mode = MODE_PIPE | 0600, .links = 1};
    if (request->in_bytes < sizeof stat)
        return -EINVAL;
    request->reply_data = &stat;
    request->reply_bytes = sizeof stat;
    return 0;
}

static long pipe_call(struct request *request) {
    if (request->badge == BADGE_CREATE)
        return request->word[0] == OP_PIPE_CREATE ? pipe_create(request) : -ENOSYS;
    int end = request->badge & 1;
    struct pipe *pipe = (struct pipe *)(uintptr_t)(request->badge - (uint64_t)end);
    bool moves = request->word[0] == OP_READ || request->word[0] == OP_WRITE;
    if (moves && request->word[2] != PROTOCOL_CURRENT)
        return -ESPIPE;
    switch (request->word[0]) {
    case OP_READ:
        return end == END_READ ? pipe_move(pipe, end, request) : -EBADF;
    case OP_WRITE:
        return end == END_WRITE ? pipe_move(pipe, end, request) : -EBADF;
    case OP_PIPE_WRITER:
        return end == END_READ ? end_open(pipe, END_WRITE, request) : -EBADF;
    case OP_STAT:
        return pipe_stat(request);
    case OP_SEEK:
        return -ESPIPE;
    case OP_ISATTY:
        return 0;
    case OP_FLAGS:
        return pipe->flags[end] | (end == END_READ ? OPEN_READ : OPEN_WRITE);
    case OP_SET_FLAGS:
        pipe->flags[end] = (int)request->word[1] & OPEN_NONBLOCK;
        return 0;
    default:
        return -ENOSYS;
    }
}

/* Waiters of an end that has no session left are gone themselves: forget them. */
static void queue_drop(struct waiter **queue) {
    while (*queue) {
        struct waiter *waiter = *queue;
        *queue = waiter->next;
        waiter_free(waiter);
    }
}

static void pipe_closed(uint64_t badge) {
    int end = badge & 1;
    struct pipe *pipe = (struct pipe *)(uintptr_t)(badge - (uint64_t)end);
    if (badge == BADGE_CREATE)
        return;
    pipe->open[end] = false;
    queue_drop(end == END_READ ? &pipe->readers : &pipe->writers);
    pipe_progress(pipe);
    if (!pipe->open[END_READ] && !pipe->open[END_WRITE])
        pipe_free(pipe);
}

int main(void) {
    port = (int)argument_number("port");
    const struct server server = {.port = port, .call = pipe_call, .closed = pipe_closed};
    server_run(&server);
}
