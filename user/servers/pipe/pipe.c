/* Pipes: a 64 KiB ring each; bytes go straight between the ring and the two clients.
 *
 * A reader of an empty ring and a writer of a full one wait by not being answered. Whenever the
 * ring or an end changes, pipe_progress serves the waiters in order. The ends' sessions count
 * who is there: no writer left is end of file, no reader left is EPIPE. A write of up to
 * PROTOCOL_PIPE_WHOLE bytes goes in whole or waits. A write that finds no memory for the ring's
 * next pages fails with ENOMEM, or tells the part that went in. */
#include "byre/syscall.h"
#include "user/runtime/memory.h"
#include "user/runtime/start.h"
#include "user/servers/client.h"
#include "user/servers/server.h"
#include "user/servers/waiter.h"

#define RING 65536
#define SHARE_MIN (8 * PAGE_SIZE) /* a move of so many bytes shares the whole pages in it */

struct pipe {
    uint64_t number;
    struct client *client;     /* who made it */
    struct waiters waiters[2]; /* of each end */
    size_t start, used;
    size_t counted; /* bytes of the ring, in whole pages, that the client is charged with */
    size_t reached; /* of them, those that are filled and ours alone */
    bool open[2];   /* whether the reading, the writing end has a session */
    int flags[2];   /* OPEN_NONBLOCK: a call that would wait is EAGAIN */
    _Alignas(PAGE_SIZE) char ring[RING];
};

enum { END_READ, END_WRITE };

/* That a client is charged with beside the ring's pages. */
#define PIPE_BYTES (offsetof(struct pipe, ring) + 2 * SESSION_BYTES)

/* Badges: 0 is init's session; of another, the bits below tell what the rest is the address of. */
enum { BADGE_READ, BADGE_WRITE, BADGE_CLIENT, BADGE_KIND = 3 };

static int port;
static uint64_t next_number = 1;

/* Pages of the ring from `place` on become a client's too, or a client's become the ring's. */
static void ring_lend(struct pipe *pipe, size_t place) {
    pipe->reached = min_u64(pipe->reached, page_round_down(place));
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
    size_t total = min_u64(want, pipe->used), first = min_u64(total, RING - pipe->start);
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

/* Charge the client with the ring's pages as they are first used. => 0 or -ENOMEM */
static long ring_count(struct pipe *pipe, size_t end) {
    size_t need = page_round_up(end);
    if (need <= pipe->counted)
        return 0;
    if (client_claim(pipe->client, CLAIM_OPEN, need - pipe->counted))
        return -ENOMEM;
    pipe->counted = need;
    return 0;
}

/* Fill the ring's pages before we store to them. => 0 or -ENOMEM: as it was */
static long ring_reach(struct pipe *pipe, size_t end) {
    if (end <= pipe->reached)
        return 0;
    size_t reached = page_round_up(end);
    long error = sys_fill((uintptr_t)pipe->ring + pipe->reached, reached - pipe->reached);
    if (!error)
        pipe->reached = reached;
    return error;
}

/* => as server_read */
static long writer_take(struct pipe *pipe, const struct waiter *waiter, size_t offset, size_t place,
                        size_t nbytes) {
    char *to = pipe->ring + place;
    long error = ring_count(pipe, place + nbytes);
    if (error)
        return error;
    if (nbytes >= SHARE_MIN) {
        ring_lend(pipe, place);
        return server_read_shared(waiter->token, offset, to, nbytes);
    }
    error = ring_reach(pipe, place + nbytes);
    if (error)
        return error;
    return waiter->request ? request_take(waiter->request, offset, to, nbytes)
                           : server_read(waiter->token, offset, to, nbytes);
}

/* Move as much as there is room for in from the writer. => as ring_take */
static long ring_put(struct pipe *pipe, const struct waiter *waiter) {
    size_t end = (pipe->start + pipe->used) % RING;
    size_t total = min_u64(waiter->want - waiter->done, RING - pipe->used);
    size_t first = min_u64(total, RING - end);
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

/* Serve one end's calls from the oldest on; who is gone took nothing and gave nothing. => whether
 * anyone was answered */
static bool end_progress(struct pipe *pipe, int end, long (*try)(struct pipe *, struct waiter *)) {
    struct waiters *waiters = &pipe->waiters[end];
    bool answered = false;
    while (waiters->first) {
        long result = try(pipe, waiters->first);
        if (result == SERVER_LATER)
            break;
        waiter_answer(waiters, result);
        answered = true;
    }
    return answered;
}

/* A partial write fills the ring for a reader, and a read makes room for a writer. */
static void pipe_progress(struct pipe *pipe) {
    do
        end_progress(pipe, END_WRITE, write_try);
    while (end_progress(pipe, END_READ, read_try));
}

/* The call would wait. => SERVER_LATER, or what it is told now: a part, or that it may not */
static long waiter_join(struct pipe *pipe, int end, const struct waiter *waiter) {
    long error = -EAGAIN;
    if (!(pipe->flags[end] & OPEN_NONBLOCK))
        error = waiter_add(&pipe->waiters[end], waiter);
    return !error ? SERVER_LATER : waiter->done ? (long)waiter->done : error;
}

/* Try at once when nobody is ahead; else, or when it must wait, join the queue. */
static long pipe_move(struct pipe *pipe, int end, const struct request *request) {
    size_t offered = end == END_READ ? request->in_bytes : request->out_bytes;
    struct waiter now = {.client = pipe->client,
                         .token = request->token,
                         .request = request,
                         .want = min_u64((size_t)request->word[1], offered)};
    long result = SERVER_LATER;
    if (now.want == 0)
        return 0;
    if (!pipe->waiters[end].first)
        result = end == END_READ ? read_try(pipe, &now) : write_try(pipe, &now);
    if (result == SERVER_LATER)
        result = waiter_join(pipe, end, &now);
    pipe_progress(pipe);
    return result;
}

static long end_open(struct pipe *pipe, int end, struct request *request) {
    if (pipe->open[end])
        return -EBUSY;
    int handle = server_session(port, (uint64_t)(uintptr_t)pipe | (uint64_t)end);
    if (handle < 0)
        return handle;
    pipe->open[end] = true;
    request->reply_handle = handle;
    return 0;
}

/* A pipe is a mapping of its own: pages that its ring never reached cost nothing. */
static void pipe_free(struct pipe *pipe) {
    struct client *client = pipe->client;
    client_release(client, CLAIM_OPEN, PIPE_BYTES + pipe->counted);
    pages_unmap(pipe, sizeof *pipe / PAGE_SIZE);
    client_put(client);
}

/* => a pipe without ends; NULL: out of memory, or the client's limit. Its first page is there */
static struct pipe *pipe_alloc(struct client *client) {
    const size_t first = offsetof(struct pipe, ring);
    if (client_claim(client, CLAIM_OPEN, PIPE_BYTES + PAGE_SIZE))
        return NULL;
    long address = sys_map(0, sizeof(struct pipe), MAP_READ | MAP_WRITE);
    struct pipe *pipe = (struct pipe *)address;
    if (address < 0 || sys_fill((uintptr_t)address, first + PAGE_SIZE) < 0) {
        if (address >= 0)
            pages_unmap(pipe, sizeof *pipe / PAGE_SIZE);
        client_release(client, CLAIM_OPEN, PIPE_BYTES + PAGE_SIZE);
        return NULL;
    }
    pipe->number = next_number++;
    pipe->client = client;
    pipe->counted = pipe->reached = PAGE_SIZE;
    client_get(client);
    return pipe;
}

static long pipe_create(struct client *client, struct request *request) {
    struct pipe *pipe = pipe_alloc(client);
    long result = pipe ? end_open(pipe, END_READ, request) : -ENOMEM;
    if (pipe && result < 0)
        pipe_free(pipe);
    return result;
}

static long pipe_stat(const struct pipe *pipe, struct request *request) {
    static struct protocol_stat stat;
    stat = (struct protocol_stat){.device = DEVICE_PIPES,
                                  .inode = pipe->number,
                                  .mode = MODE_PIPE | 0600,
                                  .links = 1,
                                  .memory = pipe->counted,
                                  .best = PAGE_SIZE};
    return request_stat(request, &stat);
}

/* A session to make pipes with, for a new client. Only init and the shell make clients. */
static long client_open(const struct client *by, struct request *request) {
    if (by != &client_first)
        return -EPERM;
    struct client *client = client_create();
    if (!client)
        return -ENOMEM;
    int handle = server_session(port, (uint64_t)(uintptr_t)client | BADGE_CLIENT);
    if (handle < 0) {
        client_put(client);
        return handle;
    }
    request->reply_handle = handle;
    return 0;
}

static long client_call(struct client *client, struct request *request) {
    switch (request->word[0]) {
    case OP_PIPE_CREATE:
        return pipe_create(client, request);
    case OP_CLIENT:
        return client_open(client, request);
    default:
        return -ENOSYS;
    }
}

/* => what the badge is the address of */
static void *badge_object(uint64_t badge) {
    return (void *)(uintptr_t)(badge & ~(uint64_t)BADGE_KIND);
}

static long pipe_call(struct request *request) {
    if (!request->badge)
        return client_call(&client_first, request);
    if ((request->badge & BADGE_KIND) == BADGE_CLIENT)
        return client_call(badge_object(request->badge), request);
    int end = (int)(request->badge & BADGE_KIND);
    struct pipe *pipe = badge_object(request->badge);
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
        return pipe_stat(pipe, request);
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

/* Calls that wait at an end without a session are gone themselves. */
static void end_closed(struct pipe *pipe, int end) {
    pipe->open[end] = false;
    waiters_drop(&pipe->waiters[end]);
    pipe_progress(pipe);
    if (!pipe->open[END_READ] && !pipe->open[END_WRITE])
        pipe_free(pipe);
}

static void pipe_closed(uint64_t badge) {
    if (!badge)
        return;
    if ((badge & BADGE_KIND) == BADGE_CLIENT)
        client_put(badge_object(badge));
    else
        end_closed(badge_object(badge), (int)(badge & BADGE_KIND));
}

/* A quarter of the memory for pipes, at most. */
int main(void) {
    struct memory_info memory;
    if (sys_memory_info(&memory) < 0)
        return 1;
    clients_limit(0, memory.frames_free / 4 * PAGE_SIZE);
    port = (int)argument_number("port");
    const struct server server = {.port = port, .call = pipe_call, .closed = pipe_closed};
    server_run(&server);
}
