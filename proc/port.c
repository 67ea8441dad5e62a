/* Messages: calls find receivers, replies find callers, data is copied once.
 *
 * The one idea: a client that waits is on exactly one list of the port, callers until its call is
 * received and open until it is replied to; a server that waits is on receivers. A call that finds
 * one goes straight to it (call_offer); whatever else arrives is put on its list first, and
 * port_match pairs the lists off. So nothing waits on either side while there is something on the
 * other. */
#include "proc/port.h"

#include "lib/abi.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/cache.h"
#include "mm/usercopy.h"
#include "proc/process.h"
#include "proc/sched.h"

static struct cache port_cache = CACHE_INIT("ports", struct port);
static struct cache session_cache = CACHE_INIT("sessions", struct session);

/* ---- Ports ---- */

struct port *port_create(void) {
    struct port *port = cache_alloc(&port_cache);
    if (!port)
        return NULL;
    object_init(&port->object, &port_type);
    lock_init(&port->lock, "port", LOCK_RANK_PORT);
    port->nholds = 1;
    list_init(&port->callers);
    list_init(&port->open);
    list_init(&port->receivers);
    list_init(&port->notifications);
    return port;
}

void port_hold(struct port *port) {
    lock_acquire(&port->lock);
    port->nholds++;
    lock_release(&port->lock);
}

void port_unhold(struct port *port) {
    lock_acquire(&port->lock);
    bool last = --port->nholds == 0;
    lock_release(&port->lock);
    if (last)
        cache_free(&port_cache, port);
}

/* ---- Sessions ---- */

struct session *session_create(struct port *port, uint64_t badge) {
    struct session *session = cache_alloc(&session_cache);
    if (!session)
        return NULL;
    object_init(&session->object, &session_type);
    session->port = port;
    session->badge = badge;
    session->closed = (struct notification){.kind = MESSAGE_CLOSED, .badge = badge};
    list_init(&session->closed.link);
    port_hold(port);
    return session;
}

void session_free(struct session *session) {
    struct port *port = session->port;
    cache_free(&session_cache, session);
    port_unhold(port);
}

/* Nobody can use the session any more: its server is told. => port locked
 * => true: there is no server, free the session once the port is unlocked */
static bool session_close_locked(struct port *port, struct session *session) {
    if (port->closed)
        return true;
    list_push_back(&port->notifications, &session->closed.link);
    return false;
}

/* The thread's call is over. => port locked => a session to free once it is not, or NULL */
static struct session *call_end(struct port *port, struct thread *client) {
    struct session *session = client->call.session;
    client->call.session = NULL;
    client->call.server = NULL;
    if (object_release(&session->object) && session_close_locked(port, session))
        return session;
    return NULL;
}

/* ---- From one side to the other ---- */

/* The thread waits at the port from now on, and keeps its memory. => port locked; the thread is on
 * the list that `wait` names */
static inline void port_wait(struct port *port, struct thread *thread, enum wait wait) {
    atomic_store_explicit(&thread->port, port, memory_order_relaxed);
    port->nholds++;
    thread_wait(thread, wait);
}

/* End the wait of a thread that was taken off its list. => port locked
 * => true: the caller must fill in its registers and let it run; false: it is ending, and gives up
 *    its hold by itself */
static inline bool port_wake(struct port *port, struct thread *thread) {
    if (!thread_wake(thread))
        return false;
    atomic_store_explicit(&thread->port, NULL, memory_order_relaxed);
    port->nholds--;
    return true;
}

/* End a client's wait with this result. => port locked; it is on no list */
static void client_wake(struct port *port, struct thread *client, long result) {
    if (!port_wake(port, client))
        return;
    client->context.x[A0] = (uint64_t)result;
    sched_ready(client);
}

/* What of a call is more than words: its data, if that fits into the server's buffer, and its
 * handle. => as deliver_call */
__attribute__((noinline)) static int deliver_rest(struct thread *server, struct thread *client,
                                                  bool *client_bad) {
    const uint64_t *from = client->context.x;
    size_t nbytes = (uint32_t)from[A7];
    if (nbytes > 0 && nbytes <= server->receive.nbytes) {
        struct aspace *bad;
        int error =
            copy_between((struct user_range){server->process->as, server->receive.buffer, nbytes},
                         (struct user_range){client->process->as, from[A5], nbytes}, TRANSFER_COPY,
                         &nbytes, &bad);
        *client_bad = bad == client->process->as;
        if (error)
            return error;
    }
    if (client->call.flags & MESSAGE_HANDLE) {
        long number =
            handle_move(&client->process->handles, (int32_t)from[A4], &server->process->handles);
        *client_bad = number < 0;
        if (number < 0)
            return (int)number;
        client->context.x[A4] = (uint64_t)number;
    }
    return 0;
}

/* Put a call into the registers and the buffer of a server. => port locked; it waits, or is current
 * => 0; -errno, *client_bad: the call cannot be received, or the server has no buffer for it */
static inline int deliver_call(struct thread *server, struct thread *client, bool *client_bad) {
    const uint64_t *from = client->context.x;
    uint64_t *to = server->context.x;
    if ((uint32_t)from[A7] > 0 || client->call.flags) {
        int error = deliver_rest(server, client, client_bad);
        if (error)
            return error;
    }
    to[A0] = MESSAGE_CALL | (uint64_t)client->call.flags << 32;
    to[A1] = from[A1];
    to[A2] = from[A2];
    to[A3] = from[A3];
    to[A4] = from[A4];
    to[A5] = client->call.session->badge;
    to[A6] = client->call.token;
    to[A7] = from[A7];
    client->call.server = server->process;
    server->process->serves = true;
    return 0;
}

/* Give the server what has arrived, notifications first: an interrupt is urgent, and a closed
 * session has no calls left. => port locked; the server waits, or is current
 * => true: its registers are complete; false: there is nothing; *freed: a session to free */
static bool take_next(struct port *port, struct thread *server, struct session **freed) {
    struct notification *notification = list_first(&port->notifications, struct notification, link);
    if (notification) {
        list_remove(&notification->link);
        server->context.x[A0] = notification->kind;
        server->context.x[A5] = notification->badge;
        if (notification->kind == MESSAGE_CLOSED)
            *freed = container_of(notification, struct session, closed);
        return true;
    }
    struct thread *client;
    while ((client = list_first(&port->callers, struct thread, waiting))) {
        bool client_bad = false;
        int error = deliver_call(server, client, &client_bad);
        if (error && !client_bad) {
            server->context.x[A0] = (uint64_t)(long)error;
            return true;
        }
        list_remove(&client->waiting);
        if (!error) {
            list_push_front(&port->open, &client->waiting);
            client->wait = WAIT_REPLY;
            return true;
        }
        /* The port is open, so nothing is left to be freed. */
        (void)call_end(port, client);
        client_wake(port, client, error);
    }
    return false;
}

/* A server that was woken for nothing waits on. => port locked */
static void receive_again(struct port *port, struct thread *server) {
    list_push_front(&port->receivers, &server->waiting);
    atomic_store_explicit(&server->port, port, memory_order_relaxed);
    port->nholds++;
    if (!thread_wait_again(server, WAIT_RECEIVE))
        sched_ready(server);
}

/* Pair what has arrived with who waits for it. One more thing has arrived, at the most, since there
 * was nothing to pair. => port locked, open => a session to free once it is not, or NULL */
static struct session *port_match(struct port *port) {
    struct session *freed = NULL;
    struct thread *server;
    while ((server = list_first(&port->receivers, struct thread, waiting)) &&
           !(list_empty(&port->notifications) && list_empty(&port->callers))) {
        list_remove(&server->waiting);
        if (!port_wake(port, server))
            continue;
        if (take_next(port, server, &freed)) {
            sched_ready(server);
            break;
        }
        receive_again(port, server);
    }
    return freed;
}

/* Let go of a port's lock, and free what was found to be of no use under it. */
static void port_unlock(struct port *port, struct session *freed) {
    lock_release(&port->lock);
    if (freed)
        session_free(freed);
}

static void session_close(struct object *object) {
    struct session *session = container_of(object, struct session, object), *freed = session;
    struct port *port = session->port;
    lock_acquire(&port->lock);
    if (!session_close_locked(port, session))
        freed = port_match(port);
    port_unlock(port, freed);
}

const struct object_type session_type = {.name = "session", .close = session_close};

void port_post(struct port *port, struct notification *notification) {
    struct session *freed = NULL;
    lock_acquire(&port->lock);
    if (!port->closed && list_empty(&notification->link)) {
        list_push_back(&port->notifications, &notification->link);
        freed = port_match(port);
    }
    port_unlock(port, freed);
}

void port_withdraw(struct port *port, struct notification *notification) {
    lock_acquire(&port->lock);
    list_remove(&notification->link);
    lock_release(&port->lock);
}

/* Reset the calls on a list: those that `server` received, or all. => port locked
 * => *unheard: notifications of sessions to free once it is not */
static void reset_calls(struct port *port, struct list *calls, const struct process *server,
                        struct list *unheard) {
    struct list *link = calls->next, *next;
    for (; link != calls; link = next) {
        struct thread *client = list_entry(link, struct thread, waiting);
        next = link->next;
        if (server && client->call.server != server)
            continue;
        list_remove(&client->waiting);
        struct session *freed = call_end(port, client);
        if (freed)
            list_push_back(unheard, &freed->closed.link);
        client_wake(port, client, -ECONNRESET);
    }
}

static void free_unheard(struct list *unheard) {
    struct notification *notification;
    while ((notification = list_first(unheard, struct notification, link))) {
        list_remove(&notification->link);
        session_free(container_of(notification, struct session, closed));
    }
}

/* The last handle is gone: nobody can receive or reply any more, and whoever waits here is told. */
static void port_close(struct object *object) {
    struct port *port = container_of(object, struct port, object);
    struct thread *thread;
    struct notification *notification;
    struct list unheard;
    list_init(&unheard);
    lock_acquire(&port->lock);
    port->closed = true;
    while ((thread = list_first(&port->receivers, struct thread, waiting))) {
        list_remove(&thread->waiting);
        client_wake(port, thread, -EBADF);
    }
    reset_calls(port, &port->callers, NULL, &unheard);
    reset_calls(port, &port->open, NULL, &unheard);
    while ((notification = list_first(&port->notifications, struct notification, link))) {
        list_remove(&notification->link);
        if (notification->kind == MESSAGE_CLOSED)
            list_push_back(&unheard, &notification->link);
    }
    lock_release(&port->lock);
    free_unheard(&unheard);
    port_unhold(port);
}

const struct object_type port_type = {.name = "port", .close = port_close};

/* ---- Call ---- */

enum { CALL_RECEIVED, CALL_QUEUED };

/* Give the call to a server that waits, straight away. => port locked
 * => CALL_RECEIVED: it runs as soon as the client waits; CALL_QUEUED: nobody waits for a call;
 *    -errno: the call cannot be received */
static int call_offer(struct port *port, struct thread *client) {
    struct thread *server;
    while ((server = list_first(&port->receivers, struct thread, waiting))) {
        bool client_bad = false;
        list_remove(&server->waiting);
        if (!port_wake(port, server))
            continue;
        int error = deliver_call(server, client, &client_bad);
        if (!error) {
            list_push_front(&port->open, &client->waiting);
            sched_switch_to(server);
            return CALL_RECEIVED;
        }
        if (client_bad) {
            receive_again(port, server);
            return error;
        }
        server->context.x[A0] = (uint64_t)(long)error;
        sched_ready(server);
    }
    return CALL_QUEUED;
}

long port_call(uint64_t session_and_flags, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
               vaddr_t out, vaddr_t in, uint64_t sizes) {
    struct thread *client = thread_current();
    struct handle_table *handles = &client->process->handles;
    uint32_t flags = (uint32_t)(session_and_flags >> 32);
    uint64_t *x = client->context.x;
    x[A1] = w0, x[A2] = w1, x[A3] = w2, x[A4] = w3, x[A5] = out, x[A6] = in, x[A7] = sizes;
    if (flags & ~(uint32_t)MESSAGE_HANDLE)
        return -EINVAL;
    struct object *object = handle_get(handles, (int32_t)session_and_flags, &session_type);
    if (!object)
        return -EBADF;
    struct session *session = container_of(object, struct session, object);
    struct port *port = session->port;
    if (flags && handle_flags(handles, (int32_t)x[A4], -1) < 0) {
        object_put(object);
        return -EBADF;
    }
    lock_acquire(&port->lock);
    int error = port->closed ? -ECONNRESET : thread_next_token(client);
    if (error) {
        lock_release(&port->lock);
        object_put(object);
        return error;
    }
    client->call.session = session;
    client->call.flags = flags;
    error = call_offer(port, client);
    if (error < 0) {
        (void)call_end(port, client);
        port_unlock(port, port_match(port));
        return error;
    }
    if (error == CALL_QUEUED)
        list_push_back(&port->callers, &client->waiting);
    port_wait(port, client, error == CALL_QUEUED ? WAIT_SEND : WAIT_REPLY);
    lock_release(&port->lock);
    return 0;
}

/* ---- Receive ---- */

static struct port *port_get(struct process *process, long number) {
    struct object *object = handle_get(&process->handles, number, &port_type);
    return object ? container_of(object, struct port, object) : NULL;
}

/* => port locked => true: a message was there; false: the server waits; *freed: as take_next */
static bool receive_locked(struct port *port, struct thread *server, struct session **freed) {
    if (take_next(port, server, freed)) {
        thread_add_pending(server, PENDING_REGISTERS);
        return true;
    }
    list_push_back(&port->receivers, &server->waiting);
    port_wait(port, server, WAIT_RECEIVE);
    return false;
}

long port_receive(long number, vaddr_t buffer, uint64_t nbytes) {
    struct thread *server = thread_current();
    struct port *port = port_get(server->process, number);
    if (!port)
        return -EBADF;
    server->receive.buffer = buffer;
    server->receive.nbytes = nbytes;
    struct session *freed = NULL;
    lock_acquire(&port->lock);
    (void)receive_locked(port, server, &freed);
    port_unlock(port, freed);
    object_put(&port->object);
    return 0;
}

/* ---- Reply ---- */

/* The client whose call the token names; NULL: no open call of this port.
 * => port locked: who waits at it stays, and so does its call. What other ports' clients do
 *    meanwhile matters not, since their `port` is another one */
static struct thread *call_find(const struct port *port, uint64_t token) {
    /* Most replies are to the call that came last, which is the first of those that are open. */
    struct thread *last = list_first(&port->open, struct thread, waiting);
    if (last && token == last->call.token)
        return last;
    thread_map_lock();
    struct thread *client = thread_find(token_id(token));
    if (client && (atomic_load_explicit(&client->port, memory_order_relaxed) != port ||
                   !client->call.server || client->call.token != token))
        client = NULL;
    thread_map_unlock();
    return client;
}

static enum transfer transfer_of(uint64_t flags) {
    return (flags & MESSAGE_SHARE) ? TRANSFER_SHARE : TRANSFER_COPY;
}

/* Copy a reply's data into the client's in buffer. => port locked
 * => 0 and *result for the client; -errno: the server's own mistake */
static int reply_data(struct thread *client, vaddr_t data, size_t nbytes, enum transfer transfer,
                      long *result) {
    struct aspace *bad, *own = process_current()->as;
    size_t copied;
    *result = 0;
    if (nbytes > client->context.x[A7] >> 32)
        return -EMSGSIZE;
    if (nbytes == 0)
        return 0;
    int error =
        copy_between((struct user_range){client->process->as, client->context.x[A6], nbytes},
                     (struct user_range){own, data, nbytes}, transfer, &copied, &bad);
    if (error && bad == own)
        return error;
    *result = error;
    return 0;
}

/* What came with a reply is given away, also when the client's own buffer was bad. */
static void handle_drop(struct process *process, long number) {
    struct object *object = handle_take(&process->handles, number);
    if (object)
        object_put(object);
}

/* What a server replies. */
struct reply {
    uint64_t token;
    uint64_t words[4];
    vaddr_t data;
    uint64_t size_and_flags;
    bool drops_handle; /* the client cannot have it: its own buffer was bad */
};

/* Reply to an open call. => port locked, and again when it returns
 * => 0 and *client: its registers are complete, and the caller must let it run; NULL: it is ending.
 *    -errno: nothing changed */
static long reply_locked(struct port *port, struct reply *reply, struct thread **result) {
    uint32_t flags = (uint32_t)(reply->size_and_flags >> 32);
    size_t nbytes = (uint32_t)reply->size_and_flags;
    long status = 0, word3 = (long)reply->words[3];
    *result = NULL;
    struct thread *client = call_find(port, reply->token);
    long error = client ? 0 : -ESRCH;
    if (!error && nbytes > 0)
        error = reply_data(client, reply->data, nbytes, transfer_of(flags), &status);
    if (!error && (flags & MESSAGE_HANDLE) && status == 0) {
        word3 = handle_move(&process_current()->handles, (int32_t)word3, &client->process->handles);
        error = word3 < 0 ? word3 : 0;
        status = (long)MESSAGE_HANDLE << 32;
    }
    if (error)
        return error;
    list_remove(&client->waiting);
    (void)call_end(port, client); /* our handle keeps the port open: nothing is to be freed */
    if (port_wake(port, client)) {
        uint64_t *x = client->context.x;
        x[A0] = (uint64_t)status;
        x[A1] = reply->words[0];
        x[A2] = reply->words[1];
        x[A3] = reply->words[2];
        x[A4] = (uint64_t)word3;
        *result = client;
    }
    reply->drops_handle = (flags & MESSAGE_HANDLE) && status < 0;
    return 0;
}

/* What has to be right before anything is done. */
static int reply_check(const struct reply *reply) {
    uint32_t flags = (uint32_t)(reply->size_and_flags >> 32);
    if (flags == 0)
        return 0;
    if (flags & ~(uint32_t)(MESSAGE_HANDLE | MESSAGE_SHARE))
        return -EINVAL;
    if ((flags & MESSAGE_HANDLE) &&
        handle_flags(&process_current()->handles, (int32_t)reply->words[3], -1) < 0)
        return -EBADF;
    return 0;
}
enum afterwards { GO_ON, RECEIVE };

static long reply_and(struct reply *reply, long number, enum afterwards afterwards) {
    struct thread *self = thread_current(), *client;
    struct session *freed = NULL;
    bool waits = false;
    struct port *port = port_get(self->process, number);
    if (!port)
        return -EBADF;
    long error = reply_check(reply);
    if (!error) {
        lock_acquire(&port->lock);
        error = reply_locked(port, reply, &client);
        if (!error && afterwards == RECEIVE)
            waits = !receive_locked(port, self, &freed);
        else
            freed = port_match(port); /* of the call's session, that closed with it */
        port_unlock(port, freed);
    }
    /* Before the client runs: what it does next comes after its reply, also for the server. */
    if (!error && reply->drops_handle)
        handle_drop(self->process, (int32_t)reply->words[3]);
    if (!error && client && waits)
        sched_switch_to(client);
    else if (!error && client)
        sched_ready(client);
    object_put(&port->object);
    return error;
}

long port_reply(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, vaddr_t data,
                uint64_t size_and_flags, long number) {
    struct reply reply = {token, {w0, w1, w2, w3}, data, size_and_flags, false};
    return reply_and(&reply, number, GO_ON);
}

long port_reply_receive(uint64_t token, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                        vaddr_t data, uint64_t size_and_flags, long number) {
    struct reply reply = {token, {w0, w1, w2, w3}, data, size_and_flags, false};
    return reply_and(&reply, number, RECEIVE);
}

/* ---- Data of an open call ---- */

/* How many of nbytes lie within a buffer of `total` bytes from `offset` on. */
static size_t clip(uint64_t offset, uint64_t nbytes, uint64_t total) {
    return offset >= total ? 0 : min_u64(nbytes, total - offset);
}

/* Which way the data of an open call goes, as the server asks. */
enum direction { OUT_OF_CLIENT, INTO_CLIENT };

/* Copy between an open call's buffer and the server. => bytes copied, or -errno */
static long message_copy(long number, uint64_t token, uint64_t offset, vaddr_t own_va,
                         uint64_t nbytes, uint64_t flags, enum direction direction) {
    struct process *process = process_current();
    struct aspace *bad, *own = process->as;
    if (flags & ~(uint64_t)MESSAGE_SHARE)
        return -EINVAL;
    struct port *port = port_get(process, number);
    if (!port)
        return -EBADF;
    lock_acquire(&port->lock);
    struct thread *client = call_find(port, token);
    int error = client ? 0 : -ESRCH;
    size_t n = 0;
    if (client && direction == OUT_OF_CLIENT) {
        n = clip(offset, nbytes, (uint32_t)client->context.x[A7]);
        error = copy_between(
            (struct user_range){own, own_va, n},
            (struct user_range){client->process->as, client->context.x[A5] + offset, n},
            transfer_of(flags), &n, &bad);
    } else if (client) {
        n = clip(offset, nbytes, client->context.x[A7] >> 32);
        error = copy_between(
            (struct user_range){client->process->as, client->context.x[A6] + offset, n},
            (struct user_range){own, own_va, n}, transfer_of(flags), &n, &bad);
    }
    lock_release(&port->lock);
    object_put(&port->object);
    return error ? error : (long)n;
}

long port_message_read(uint64_t token, uint64_t offset, vaddr_t to, uint64_t nbytes, long number,
                       uint64_t flags) {
    return message_copy(number, token, offset, to, nbytes, flags, OUT_OF_CLIENT);
}

long port_message_write(uint64_t token, uint64_t offset, vaddr_t from, uint64_t nbytes, long number,
                        uint64_t flags) {
    return message_copy(number, token, offset, from, nbytes, flags, INTO_CLIENT);
}

/* ---- Ends by force ---- */

void port_leave_wait(struct thread *thread) {
    struct port *port = atomic_load_explicit(&thread->port, memory_order_relaxed);
    struct session *freed = NULL;
    lock_acquire(&port->lock);
    list_remove(&thread->waiting);
    /* A reply may have come first: then the call is over, and only the wait is left. */
    if (thread->call.session) {
        freed = call_end(port, thread);
        if (!freed && !port->closed)
            freed = port_match(port);
    }
    port_unlock(port, freed);
    port_unhold(port);
}

void port_forget_server(struct object *object, const struct process *server) {
    struct port *port = container_of(object, struct port, object);
    struct list unheard;
    list_init(&unheard);
    lock_acquire(&port->lock);
    reset_calls(port, &port->open, server, &unheard);
    port_unlock(port, port->closed ? NULL : port_match(port));
    free_unheard(&unheard);
}
